"""Answers: a language model writes from numbered passages, and every sentence is checked before anybody sees it.

The model is never trusted. A sentence is shown only if it names a passage, and if what it cites, its numbers, its words
and its predicate are those of the passages that it names; all else is withheld, counted, and said so.
"""
