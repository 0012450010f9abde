"""One reader per file: a new format is a new file here, found by listing the folder."""
