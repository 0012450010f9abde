"""Search over legal documents: BM25 with Turkish terms, vectors, their fusion, and one persistent index over all.

Import from the modules. BM25 alone needs neither torch nor Qdrant.
"""
