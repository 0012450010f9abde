"""Decoders become encoders: attention to both sides, mean pooling, and masked adaptation to the new view."""
