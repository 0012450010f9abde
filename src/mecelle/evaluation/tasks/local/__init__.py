"""Tasks over the files of `shared/data`: one family per file, found by listing this folder."""
