"""A tokenizer of one's own: trained on a corpus, seeded with the terms of a dictionary, measured.

splitting  how a text becomes words: shared by all algorithms
alphabet   which characters get a token
survey     one pass over the corpus: characters, words of the dictionary, a sample
seeding    which terms of a dictionary become tokens
train/     one algorithm each
folder     the tokenizer as a Hugging Face folder
measure    subwords per line and per word, unknown share, bytes per token
stage      corpus in, tokenizer out
"""
