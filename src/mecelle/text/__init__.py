"""Turkish text: casing, Unicode, words, sentences, identifiers, headers, acts, stems.

Pure functions, str in, value out; no torch. Import from the modules.
"""
