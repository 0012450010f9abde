"""Keep what is scored out of what is trained on."""
