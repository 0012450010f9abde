"""The small sectioner: each sentence as a bag of word pieces, the document as a sequence of sentences."""
