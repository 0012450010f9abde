"""Scores under which TurkEmbed4Retrieval's authors call a training failed.

Source: arXiv 2511.07595, from the summary: P@1 on SciFact-TR, Spearman on STS after training for retrieval, and what is
lost by cutting vectors below 512 components.
"""

from collections.abc import Sequence

from mecelle.evaluation.record import TaskRecord

LEAST_PRECISION_AT_1 = 0.60
LEAST_SPEARMAN = 0.70
MOST_LOST_BY_CUTTING = 0.10
"""Share of the whole vectors' score."""
CUT_BELOW = 512


def verdicts(records: Sequence[TaskRecord]) -> list[str]:
    """One sentence for each record that misses a threshold."""
    whole = {(record.model, record.task): record.score for record in records}
    found = []
    for record in records:
        precision = record.scores.get("precision@1")
        if record.task.startswith("SciFactTr") and precision is not None and precision < LEAST_PRECISION_AT_1:
            found.append(f"{record.model}: P@1 {precision:.3f} on SciFact-TR is below {LEAST_PRECISION_AT_1:.2f}")
        if record.kind == "sts" and record.score < LEAST_SPEARMAN:
            found.append(f"{record.model}: Spearman {record.score:.3f} on {record.task} is below {LEAST_SPEARMAN:.2f}")
        model, _, cut = record.model.rpartition("@")
        full = whole.get((model, record.task))
        if full and cut.isdigit() and int(cut) < CUT_BELOW and record.score < full * (1 - MOST_LOST_BY_CUTTING):
            lost = 1 - record.score / full
            found.append(f"{record.model}: {lost:.1%} of {record.task} lost by cutting; at most 10% is meant to be")
    return found
