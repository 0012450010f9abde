"""A model goes on with another tokenizer: which rows of its embedding are kept, and how the new ones begin.

matching     which new token is which old one
tables       the tensors of a model that have one row per token, as one table
methods      how tokens without a match begin, one file each
auxiliary    static vectors of the new tokens, for methods that ask what a token is like
overlap      how much of the new vocabulary, and of running text, was known
stage        a model folder and a tokenizer in, a model folder with that tokenizer out
"""
