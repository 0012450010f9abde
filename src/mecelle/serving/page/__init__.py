"""The page for lawyers: templates, style, script and the catalogue of messages, rendered on the server.

Search and reading work without JavaScript; the script adds copying, shortcuts, the answer in place and a word on what
is slow.
"""
