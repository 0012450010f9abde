"""Perplexity of several models over many domains, paired by document: what was learnt, and what was forgotten.

Source: Mecellem Tables 17 to 19, whose perplexities are token-weighted, here with intervals over what was held out
together: acts and decisions are drawn again within their domain with all their documents, the same ones for every
model. Articles of one act are alike, so that one act has no interval.
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
    resamples, of which there are none where all documents are of one group."""

    nats: Floats
    tokens: Floats
    bytes: Floats

    def perplexity(self) -> Floats:
        """Token-weighted."""
        return np.asarray(np.exp(self.nats / self.tokens), dtype=np.float64)

    def bits_per_byte(self) -> Floats:
        """Pooled over documents."""
        return self.nats / log(2) / self.bytes


def read_panel(path: Path, side: str | None) -> list[HeldOutText]:
    """The texts of one side of a `heldout.jsonl`, or of the artifact that holds it; None: of both.

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
        if side in (None, row["side"]):
            found.append(HeldOutText(row["id"], row["domain"], nfc(row["text"]), str(row.get("group") or "")))
    if not found:
        raise InputError(f"{file}: nothing on the side '{side or 'any'}'; its sides are test and development")
    return found


class Panel:
    """Models on the same documents, in the order in which they are told; the first is what the others are held
    against."""

    def __init__(
        self,
        records: Mapping[str, Sequence[TaskRecord]],
        *,
        seed: int,
        groups: Mapping[str, str] | None = None,
        resamples: int = RESAMPLES,
    ) -> None:
        """records: model -> its records of `Bench.perplexity`, one for each domain and one of all, which is passed
        over. groups: document -> what it was held out with; without it, a document stands for itself. Raises
        MismatchError unless all models were scored on the same documents in the same way."""
        self.models = list(records)
        by_domain = {name: {_domain(one): one for one in own if _domain(one)} for name, own in records.items()}
        self.domains = sorted(by_domain[self.models[0]], key=lambda name: (part_of(name) != "law", name))
        self._groups: dict[str, list[str]] = {}
        self._seed, self._resamples = seed, resamples
        self._drawn: dict[str, Floats] = {}
        self._values: dict[tuple[str, str], Floats] = {}
        for domain in self.domains:
            first = by_domain[self.models[0]][domain]
            self._groups[domain] = [(groups or {}).get(one) or one for one in first.ids]
            for model in self.models:
                one = by_domain[model].get(domain)
                if one is None:
                    raise MismatchError(f"{model}: not scored on {domain}, as {self.models[0]} is; evaluate both alike")
                check_same(first, one)
                self._values[model, domain] = _values(one, first.ids)

    def sums(self, model: str, row: str) -> Sums:
        """Of a model on a domain, or on all of a part, by its name in `OVERALL`."""
        if row not in self._drawn:
            groups = {one: self._groups[one] for one in self._domains_of(row)}
            self._drawn[row] = _draws(groups, seed=self._seed, resamples=self._resamples)
        values = np.concatenate([self._values[model, one] for one in self._domains_of(row)], axis=1)
        return Sums(*(self._drawn[row] @ own for own in values))

    def rows(self) -> list[str]:
        """Domains, each part followed by its whole where it has several."""
        parts: dict[str, list[str]] = {}
        for domain in self.domains:
            parts.setdefault(OVERALL[part_of(domain)], []).append(domain)
        return [row for whole, own in parts.items() for row in (*own, *([whole] if len(own) > 1 else []))]

    def count(self, row: str) -> dict[str, int]:
        """Documents of a row, and groups that they are of."""
        own = [self._groups[one] for one in self._domains_of(row)]
        return {"documents": sum(map(len, own)), "groups": sum(len(set(one)) for one in own)}

    def _domains_of(self, row: str) -> list[str]:
        return [one for one in self.domains if row in (one, OVERALL[part_of(one)])]

    def shares_tokens(self) -> bool:
        """Whether all models have the same tokens, so that their perplexities compare."""
        first = self.models[0]
        return all(
            np.array_equal(self._values[model, one][1], self._values[first, one][1])
            for model in self.models
            for one in self.domains
        )


def tables(panel: Panel) -> list[dict[str, Any]]:
    """Perplexity and bits per byte by domain, and how far each model is from the first; intervals of 95%."""
    first, *others = panel.models
    perplexity, bits, changes = [], [], []
    for row in panel.rows():
        head = {"domain": row} | panel.count(row)
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
    """`5.24 [5.10, 5.39]`: the observed value and the interval of the resamples; of one group the value alone."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return f"{values[0]:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def told_change(values: Floats) -> str:
    """`-43.1% [-44.0, -42.2]`; of one group the value alone."""
    if len(values) == 1:
        return f"{100 * values[0]:+.1f}%"
    low, high = 100 * np.quantile(values[1:], (0.025, 0.975))
    return f"{100 * values[0]:+.1f}% [{low:+.1f}, {high:+.1f}]"


def _perplexity_changes(panel: Panel) -> list[dict[str, Any]]:
    first, *others = panel.models
    return [
        {"domain": row}
        | panel.count(row)
        | {
            model: told_change(panel.sums(model, row).perplexity() / panel.sums(first, row).perplexity() - 1)
            for model in others
        }
        for row in panel.rows()
    ]


def _domain(record: TaskRecord) -> str:
    """`law-tax` of the task `perplexity-law-tax.v1`; empty for the record of all domains."""
    return record.task.rpartition(".v")[0].removeprefix("perplexity").removeprefix("-")


def _draws(groups: Mapping[str, Sequence[str]], *, seed: int, resamples: int) -> Floats:
    """How often each document stands in each resample; row 0 is the documents as they are, and all of one group.

    groups: domain -> the group of each of its documents. Groups are drawn within their domain; those that are alone in
    theirs are drawn among each other, and with all others if there is one such (collapsed strata, Cochran 1977).
    """
    alone = [domain for domain, own in groups.items() if len(set(own)) == 1]
    together = list(groups) if len(alone) == 1 else alone
    strata = [(domain,) for domain in groups if domain not in together] + ([tuple(together)] if together else [])
    columns: dict[str, Floats] = {}
    for stratum in strata:
        units = [(domain, group) for domain in stratum for group in groups[domain]]
        place = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
        n = len(place)
        if n == 1:
            return np.ones((1, len(units)))
        rng = generator(seed, "panel", *stratum)
        drawn = np.concatenate([rng.multinomial(n, np.full(n, 1 / n), size=size) for size in blocks(resamples, n)])
        for domain in stratum:
            columns[domain] = drawn[:, [place[domain, group] for group in groups[domain]]].astype(np.float64)
    found = np.concatenate([columns[domain] for domain in groups], axis=1)
    return np.concatenate([np.ones((1, found.shape[1])), found])


def _values(record: TaskRecord, ids: Sequence[str]) -> Floats:
    """Nats, tokens and bytes of each document, in the order of `ids`: (3, N)."""
    if not record.weights:
        raise MismatchError(
            f"{record.task} of {record.model}: its record keeps no tokens of documents; evaluate it again"
        )
    place = {one: number for number, one in enumerate(record.ids)}
    order = [place[one] for one in ids]
    tokens, sizes = (np.array(record.weights[name])[order] for name in ("tokens", "bytes"))
    return np.stack([np.array(record.values)[order] * sizes * log(2), tokens, sizes])
