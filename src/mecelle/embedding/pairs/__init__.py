"""(query, document) pairs made from official texts: no model writes a question, nothing is labelled by hand."""
