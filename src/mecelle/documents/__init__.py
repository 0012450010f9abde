"""Files to documents: listing, one reader per format, kinds, extraction with a cache, and passages. No torch.

Import from the modules.
"""
