"""The numbers of the papers, as printed, with what a reader must know before quoting them. None was measured here."""
