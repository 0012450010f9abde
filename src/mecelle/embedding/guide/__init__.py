"""The guide: a model that knows more, asked once about every text, and never again."""
