"""Measuring tokenizers, any number on the same lines.

places       NAME=PLACE to a tokenizer; subwords, spelling, sentencepieces, packaged: one view of every kind
texts        the documents that are measured on, a seeded sample
counts       what is counted of each document; rates: the figures, with intervals and paired ratios
fit          a few figures of one tokenizer, for the stage that trained it
terms        coverage of legal terms
fragments    how phrases and numbers are cut
vocabulary   Turkish, pure and unique tokens (Mecellem Fig. 6)
boundaries   boundary F1 against gold morpheme splits
budget       what the vocabulary costs, how evenly it is used
speed        encoding and decoding on one core
comparison   all of it for a list of tokenizers; report, plots: the page
"""

from mecelle.tokenizer.measure.fit import Measurement, measure

__all__ = ["Measurement", "measure"]
