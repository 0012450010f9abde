"""Decoders: shapes, packed causal training, curriculum, continual pre-training."""
