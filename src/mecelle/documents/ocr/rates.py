"""What a run of OCR did: pages per second, tokens, and the share of natural ends over time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mecelle.base.collection import read_jsonl
from mecelle.documents.ocr.engine import ENDS


@dataclass(slots=True)
class Rates:
    """What a run did, from its log."""

    bucket_seconds: float
    ended: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDS, 0))
    prompt_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    """From the first request to the last answer."""
    buckets: list[dict[str, int]] = field(default_factory=list)
    """Ends by kind in each stretch of `bucket_seconds` from the start."""

    @property
    def pages(self) -> int:
        """Pages that ended, aborts included."""
        return sum(self.ended.values())

    def summary(self) -> dict[str, float | int]:
        """One row of Mecellem's Table 1, with the token totals of §3.2.2."""
        pages_per_second = round(self.pages / self.seconds, 3) if self.seconds else 0.0
        natural_share = round(self.ended["natural"] / self.pages, 4) if self.pages else 0.0
        return {
            "pages": self.pages, **self.ended, "natural_share": natural_share, "pages_per_second": pages_per_second,
            "prompt_tokens": self.prompt_tokens, "output_tokens": self.output_tokens, "seconds": round(self.seconds, 1),
        }  # fmt: skip


def read_rates(logs: Iterable[Path], *, bucket_seconds: float = 60.0) -> Rates:
    """The rates of one run, from the logs of all its processes; a line that a kill cut is passed over."""
    rows = [row for path in sorted(logs) for row in read_jsonl(path, on_error=lambda *_: None)]
    rates = Rates(bucket_seconds)
    if not rows:
        return rates
    first = min(row["start"] for row in rows)
    ends = [row["start"] + row["seconds"] - first for row in rows]
    rates.seconds = max(ends)
    rates.buckets = [dict.fromkeys(ENDS, 0) for _ in range(int(rates.seconds // bucket_seconds) + 1)]
    for row, end in zip(rows, ends, strict=True):
        rates.ended[row["ended"]] += 1
        rates.buckets[int(end // bucket_seconds)][row["ended"]] += 1
        rates.prompt_tokens += row["prompt_tokens"]
        rates.output_tokens += row["output_tokens"]
    return rates
