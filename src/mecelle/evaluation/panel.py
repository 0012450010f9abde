"""Perplexity of several models over many domains, paired by document: what was learnt, and what was forgotten.

Source: Mecellem Tables 17 to 19, whose perplexities are token-weighted, here with intervals over documents: documents
are drawn again within their domain, the same ones for every model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mecelle.base.collection import read_jsonl
from mecelle.base.errors import InputError, MismatchError
from mecelle.base.seeds import generator
from mecelle.evaluation.differences import check_same
from mecelle.evaluation.record import TaskRecord
from mecelle.evaluation.statistics.bootstrap import Floats, blocks
from mecelle.evaluation.tasks.texts import HeldOutText
from mecelle.text.unicode import nfc

RESAMPLES = 2_000
LAW = ("law-", "decisions-")
"""How names of legal domains begin; the others are the forgetting panel."""
OVERALL = {"law": "all law", "general": "all other text"}

Part = Literal["law", "general"]


@dataclass(frozen=True)
class Sums:
    """Of one model over one domain, or several: nats, tokens and bytes. Row 0 is what was observed, the others are
    resamples."""

    nats: Floats
    tokens: Floats
    bytes: Floats

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.nats + other.nats, self.tokens + other.tokens, self.bytes + other.bytes)

    def perplexity(self) -> Floats:
        """Token-weighted."""
        return np.asarray(np.exp(self.nats / self.tokens), dtype=np.float64)

    def bits_per_byte(self) -> Floats:
        """Pooled over documents."""
        return self.nats / log(2) / self.bytes


def read_panel(path: Path, side: str) -> list[HeldOutText]:
    """The texts of one side of a `heldout.jsonl`, or of the artifact that holds it.

    Raises InputError for rows of another form, or if the side has none.
    """
    file = path / "heldout.jsonl" if path.is_dir() else path
    if not file.is_file():
        raise InputError(f"{file}: no such file; `mecelle decoder holdout` makes it")
    found = []
    for number, row in enumerate(read_jsonl(file), start=1):
        if not isinstance(row, dict) or not {"id", "domain", "side", "text"} <= row.keys():
            raise InputError(
                f"{file}:{number}: expected id, domain, side and text; `mecelle decoder holdout` writes them"
            )
        if row["side"] == side:
            found.append(HeldOutText(row["id"], row["domain"], nfc(row["text"])))
    if not found:
        raise InputError(f"{file}: nothing on the side '{side}'; its sides are test and development")
    return found


class Panel:
    """Models on the same documents, in the order in which they are told; the first is what the others are held
    against."""

    def __init__(self, records: Mapping[str, Sequence[TaskRecord]], *, seed: int, resamples: int = RESAMPLES) -> None:
        """records: model -> its records of `Bench.perplexity`, one for each domain and one of all, which is passed
        over. Raises MismatchError unless all models were scored on the same documents in the same way."""
        self.models = list(records)
        by_domain = {name: {_domain(one): one for one in own if _domain(one)} for name, own in records.items()}
        self.domains = sorted(by_domain[self.models[0]], key=lambda name: (part_of(name) != "law", name))
        self.documents: dict[str, int] = {}
        self._sums: dict[tuple[str, str], Sums] = {}
        for domain in self.domains:
            first = by_domain[self.models[0]][domain]
            self.documents[domain] = first.n
            draws = _draws(first.n, domain, seed=seed, resamples=resamples)
            for model in self.models:
                one = by_domain[model].get(domain)
                if one is None:
                    raise MismatchError(f"{model}: not scored on {domain}, as {self.models[0]} is; evaluate both alike")
                check_same(first, one)
                self._sums[model, domain] = _sums(one, first.ids, draws)

    def sums(self, model: str, domain: str) -> Sums:
        """Of a model on a domain, or on all of a part, by its name in `OVERALL`."""
        if (model, domain) in self._sums:
            return self._sums[model, domain]
        own = [self._sums[model, one] for one in self.domains if OVERALL[part_of(one)] == domain]
        return sum(own[1:], own[0])

    def rows(self) -> list[str]:
        """Domains, each part followed by its whole where it has several."""
        parts: dict[str, list[str]] = {}
        for domain in self.domains:
            parts.setdefault(OVERALL[part_of(domain)], []).append(domain)
        return [row for whole, own in parts.items() for row in (*own, *([whole] if len(own) > 1 else []))]

    def count(self, row: str) -> int:
        """Documents of a row."""
        own = [self.documents[one] for one in self.domains if row in (one, OVERALL[part_of(one)])]
        return sum(own)

    def shares_tokens(self) -> bool:
        """Whether all models have the same tokens, so that their perplexities compare."""
        first = self.models[0]
        return all(
            np.array_equal(self._sums[model, one].tokens, self._sums[first, one].tokens)
            for model in self.models
            for one in self.domains
        )


def tables(panel: Panel) -> list[dict[str, Any]]:
    """Perplexity and bits per byte by domain, and how far each model is from the first; intervals of 95%."""
    first, *others = panel.models
    perplexity, bits, changes = [], [], []
    for row in panel.rows():
        head = {"domain": row, "documents": panel.count(row)}
        sums = {model: panel.sums(model, row) for model in panel.models}
        perplexity.append(head | {model: told(one.perplexity(), digits=2) for model, one in sums.items()})
        bits.append(head | {model: told(one.bits_per_byte(), digits=3) for model, one in sums.items()})
        before = sums[first].bits_per_byte()
        changes.append(head | {model: told_change(sums[model].bits_per_byte() / before - 1) for model in others})
    alike = "" if panel.shares_tokens() else "; the tokens differ, so that columns do not compare"
    found = [
        {"title": f"Perplexity by domain, token-weighted{alike}", "rows": perplexity},
        {"title": "Bits per byte by domain, pooled over documents", "rows": bits},
    ]
    if others:
        found.append(
            {"title": f"Change of bits per byte against {first}: below 0 is learnt, above forgotten", "rows": changes}
        )
        if panel.shares_tokens():
            found.append({"title": f"Change of perplexity against {first}", "rows": _perplexity_changes(panel)})
    return found


def part_of(domain: str) -> Part:
    """Law, or what must not be forgotten over it."""
    return "law" if domain.startswith(LAW) else "general"


def told(values: Floats, *, digits: int) -> str:
    """`5.24 [5.10, 5.39]`: the observed value and the interval of the resamples; of one document the value alone."""
    if not np.ptp(values):
        return f"{values[0]:.{digits}f}"
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return f"{values[0]:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def told_change(values: Floats) -> str:
    """`-43.1% [-44.0, -42.2]`."""
    low, high = 100 * np.quantile(values[1:], (0.025, 0.975))
    return f"{100 * values[0]:+.1f}% [{low:+.1f}, {high:+.1f}]"


def _perplexity_changes(panel: Panel) -> list[dict[str, Any]]:
    first, *others = panel.models
    return [
        {"domain": row, "documents": panel.count(row)}
        | {
            model: told_change(panel.sums(model, row).perplexity() / panel.sums(first, row).perplexity() - 1)
            for model in others
        }
        for row in panel.rows()
    ]


def _domain(record: TaskRecord) -> str:
    """`law-tax` of the task `perplexity-law-tax.v1`; empty for the record of all domains."""
    return record.task.rpartition(".v")[0].removeprefix("perplexity").removeprefix("-")


def _draws(n: int, domain: str, *, seed: int, resamples: int) -> Floats:
    """How often each document stands in each resample; row 0 is the documents as they are."""
    rng = generator(seed, "panel", domain)
    parts = [rng.multinomial(n, np.full(n, 1 / n), size=size) for size in blocks(resamples, n)]
    return np.concatenate([np.ones((1, n)), *parts])


def _sums(record: TaskRecord, ids: Sequence[str], draws: Floats) -> Sums:
    if not record.weights:
        raise MismatchError(
            f"{record.task} of {record.model}: its record keeps no tokens of documents; evaluate it again"
        )
    place = {one: number for number, one in enumerate(record.ids)}
    order = [place[one] for one in ids]
    tokens, sizes = (np.array(record.weights[name])[order] for name in ("tokens", "bytes"))
    nats = np.array(record.values)[order] * sizes * log(2)
    return Sums(draws @ nats, draws @ tokens, draws @ sizes)
