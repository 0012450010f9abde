"""What a model costs in a vector database: ingest, memory, latency, and what quantisation and cuts lose."""
