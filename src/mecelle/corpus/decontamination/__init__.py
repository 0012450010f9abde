"""Keep what is scored out of what is trained on: by word n-grams, near-copies and official numbers."""
