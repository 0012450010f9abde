"""A tokenizer of one's own: trained on a corpus, seeded with the terms of a dictionary, measured.

patterns       how a text becomes words: Llama's, GPT-2's, BERT's, by white space, ours
normalization  one form for characters that look alike
counting       one pass over the corpus: words by category, terms, a sample
weighting      how often the words of a category count
morphemes/     words with their morpheme boundaries, which no learned piece crosses
alphabet       which characters get a token
seeding        which terms of a dictionary become tokens
pairs          the most frequent pairs, joined
train/         one algorithm each
families       special tokens by model family
folder         the tokenizer as a Hugging Face folder
encoding       a corpus to ids, each word cut once
measure/       subwords per line and per word, unknown share, Turkish tokens, boundaries, speed
stage          corpus in, tokenizer out
"""
