"""Encoders become retrieval models: pairs from official texts, a guide embedded once, contrastive training."""
