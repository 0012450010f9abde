"""Terms of a legal dictionary become tokens: HukukBERT §3.3.

terms         rows of a list become words, each in lower, title and upper case
choice        which of them a corpus supports: `choose`; every other row is listed with its reason
verification  whether each seed is one token wherever it stands: `verify`
cost          what the seeds take and give, against the same training without them: `cost`
"""

from mecelle.tokenizer.seeding.choice import Dropped, Kept, Seeds, choose
from mecelle.tokenizer.seeding.cost import Cost, FormCost, TermCost, cost
from mecelle.tokenizer.seeding.terms import clean_terms, document_term, forms, read_terms
from mecelle.tokenizer.seeding.verification import Violation, verify

__all__ = [
    "Cost",
    "Dropped",
    "FormCost",
    "Kept",
    "Seeds",
    "TermCost",
    "Violation",
    "choose",
    "clean_terms",
    "cost",
    "document_term",
    "forms",
    "read_terms",
    "verify",
]
