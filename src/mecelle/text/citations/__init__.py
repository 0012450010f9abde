"""Citations of acts, of their articles and of decisions in running Turkish text, found by a grammar.

`find_citations` reads a text once, from anchors (a number, the word madde, the name of an act) outwards; every pattern
is possessive or bounded, so its time grows with the length of the text alone.

What is cited has one normal form, a key; keys are folded (`mecelle.text.casing.fold`):

- article ``6098:m49``, with paragraph (fıkra) ``6098:m49/2``, with subparagraph (bent) ``6100:m353/1-b-2`` or without a
  paragraph ``5651:m8-a``; ``5510:mek_4``, ``6100:mgeçici_3``, ``213:mmükerrer_257``, ``5237:m10/a``. Up to the article
  it is the folded id of the article's passage (`mecelle.text.acts.article_keys` behind ``law:``), the form in which
  `mecelle.retrieval.references` compares them; `article_of` cuts it there. ``5/a`` stays as written: whether article
  5/A or subparagraph a of article 5 is meant, only the act can tell.
- law ``6098``; ``?`` where an act is named but not known (``?:m440``).
- decision ``yargıtay:4hd:e2021/100:k2022/7``, ``danıştay:iddk:e2019/12``, ``aym:b2013/817``,
  ``uyuşmazlık:e1995/1:k1996/1``: court, chamber as citations write it without dots and spaces, case number (esas),
  decision number (karar), application number (başvuru). ``?:e2014/126:k2014/222`` for courts below the high courts,
  whose names stay out of the key. ``e?/11081`` where the year is not said.
"""

from mecelle.text.citations.find import Citation, article_of, find_citations

__all__ = ["Citation", "article_of", "find_citations"]
