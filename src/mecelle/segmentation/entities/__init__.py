"""Names, dates, numbers and citations in a decision: rules for what has a form, an encoder for what has none."""
