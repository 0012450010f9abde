"""Scanned pages to text: one engine per file, and a store that asks each page once.

rendering  what the picture of a page looks like
drawing    pages drawn so
pages      which pages of a file are pictures, and what identifies them
engine     what an engine promises: a page ends as natural, length or abort
tesseract  Tesseract, a process per page
vision     a vision language model behind an OpenAI-compatible endpoint
config     which engine, and where the texts of the pages are kept
store      one file per page, keyed by what is on it and by the engine
log        when each page ended, and how
rates      pages per second, tokens, ends over time
figure     the curve of the ends
lines      wrapped lines to paragraphs
recognise  many pages in flight
scans      the scanned pages of one file, for its reader
stage      all scanned pages of a collection, or one partition of them
"""
