"""Bidirectional encoders: their shapes, what is masked in training, and masked-language-model pre-training."""
