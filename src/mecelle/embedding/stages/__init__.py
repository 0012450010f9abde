"""Trainings one after another: NLI, STS, retrieval, in any order (TurkEmbed4Retrieval)."""
