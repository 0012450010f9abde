"""The commands, thin: one file per group.

Heavy floors (torch, transformers) are imported inside the commands that need them, so that `mecelle --help` and corpus
work start fast and need no torch.
"""
