"""What is lost when queries or texts come in another form: upper case, no Turkish letters, noise of OCR."""

from collections.abc import Sequence

from mecelle.evaluation.board.measured import Link
from mecelle.evaluation.board.view import Cell, Column, Row, Section
from mecelle.evaluation.record import TaskRecord

SUFFIX = " loss"
NOTE = (
    "Main score lost against the plain form of the same queries or texts, with its paired 95% interval; "
    "documents and training texts stay as they are."
)


def robustness(records: Sequence[TaskRecord], *, link: Link) -> list[Section]:
    """A table of losses, a row for each model and task; none where nothing was asked in another form."""
    forms = sorted({name.removesuffix(SUFFIX) for one in records for name in one.scores if name.endswith(SUFFIX)})
    rows = [
        Row(f"{record.model} · {record.task}", "measured", tuple(_cell(record, form, link) for form in forms))
        for record in records
        if any(form + SUFFIX in record.scores for form in forms)
    ]
    columns = tuple(Column(form, "loss of main score", lower_is_better=True) for form in forms)
    return [Section("robustness", columns, tuple(rows), (NOTE,))] if rows else []


def _cell(record: TaskRecord, form: str, link: Link) -> Cell | None:
    name = form + SUFFIX
    if name not in record.scores:
        return None
    low, high = record.scores[f"{name} low"], record.scores[f"{name} high"]
    return Cell(record.scores[name], low, high, link=link(record))
