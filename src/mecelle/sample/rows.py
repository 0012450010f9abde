"""Documents of the sample as plain rows: what every writer and the truth files share."""

from collections.abc import Iterator
from typing import Any

from mecelle.sample.records import Act, Contract, Decision, OtherDocument, Sample, Term

Row = dict[str, Any]


def decision_row(decision: Decision) -> Row:
    """A decision as a JSONL row."""
    return {
        "id": decision.id,
        "text": decision.text,
        "kind": "decision",
        "court": decision.court,
        "chamber": decision.chamber,
        "case_number": decision.case_number,
        "decision_number": decision.decision_number,
        "date": decision.date,
        "subject": decision.subject,
        "category": decision.category,
        "outcome": decision.outcome,
        "summary": decision.summary,
    }


def act_row(act: Act) -> Row:
    """An act as a JSONL row, with its full text."""
    return {
        "id": act.id,
        "text": act.text,
        "kind": "statute",
        "law_number": act.law_number,
        "title": act.title,
        "date": act.date,
    }


def contract_row(contract: Contract) -> Row:
    """A contract as a JSONL row."""
    return {
        "id": contract.id,
        "text": contract.text,
        "kind": "contract",
        "title": contract.title,
        "category": contract.category,
    }


def term_row(term: Term) -> Row:
    """A dictionary entry as a JSONL row."""
    return {"id": term.id, "text": f"{term.term}: {term.definition}", "kind": "dictionary", "title": term.term}


def page_row(page: OtherDocument) -> Row:
    """A foreign or junk page as a JSONL row. What is wrong with it is truth, and stands elsewhere."""
    return {"id": page.id, "text": page.text, "kind": "web"}


def rows_by_file(sample: Sample) -> Iterator[tuple[str, list[Row]]]:
    """File stem and rows, before single files are taken out."""
    yield "decisions", [decision_row(decision) for decision in sample.decisions]
    yield "acts", [act_row(act) for act in sample.acts]
    yield "contracts", [contract_row(contract) for contract in sample.contracts]
    yield "dictionary", [term_row(term) for term in sample.terms]
    yield "web", [page_row(page) for page in (*sample.foreign, *sample.junk)]
