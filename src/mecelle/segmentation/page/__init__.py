"""A decision as a page: coloured sections, marked names, citations in the margin, in one file without a network."""
