"""How much of each category a balanced mix shall hold."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from mecelle.base.config import Config
from mecelle.corpus.mixing.size import Size
from mecelle.corpus.statistics.categories import closest
from mecelle.corpus.statistics.papers import PaperTable, paper_tables


class Target(Config):
    """What one category shall come to; one of three."""

    factor: float | None = Field(default=None, ge=0.0)
    """Times what there is."""
    share: float | None = Field(default=None, ge=0.0, le=1.0)
    """Of `Balance.total`, 0..1; shares are divided by their sum, since not every category is everywhere."""
    amount: int | None = Field(default=None, ge=0)
    """In the unit of the mix."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(value is not None for value in (self.factor, self.share, self.amount)) != 1:
            raise ValueError("a target is one of factor, share, amount")
        return self


class Balance(Config):
    """Parameters of a balanced mix. Source: HukukBERT §3.2, sub-domain balancing."""

    size: Size = Size()
    """The unit."""
    table: Literal["hukukbert"] | None = "hukukbert"
    """Targets of a paper; null uses `targets` alone."""
    use: Literal["factors", "shares"] = "factors"
    """Of the table: its growth per category (Table 3 over Table 2), or its shares of the whole (Table 3)."""
    targets: dict[str, Target] = Field(default_factory=dict)
    """By category, or by the first words of several ("MEVZUAT"): before those of the table; the longest name counts."""
    total: int | None = Field(default=None, gt=0)
    """What the shares are of, in the unit of the mix; null: what there is of the categories that have shares."""
    others: float = Field(default=1.0, ge=0.0)
    """Factor of categories without a target."""
    most_copies: int = Field(default=30, ge=1)
    """Copies of one document at most; HukukBERT's largest factor is 27."""


def hukukbert_targets(use: Literal["factors", "shares"]) -> dict[str, Target]:
    """The paper's balancing as targets.

    factors: Table 3 over Table 2 by category, in gigabytes, or in documents where a table prints "<0.01 GB"; the
    dictionary, which Table 3 leaves out, gets 0. shares: Table 3 in gigabytes, finer within legislation.
    """
    tables = paper_tables("hukukbert")
    before, after = tables["deduplicated"], tables["balanced"]
    if use == "factors":
        return {name: Target(factor=_factor(before, after, name)) for name in before.categories}
    total = after.total("gigabytes") or 1.0
    return {name: Target(share=(after.total("gigabytes", name) or 0.0) / total) for name in after.categories}


def _factor(before: PaperTable, after: PaperTable, name: str) -> float:
    column = "gigabytes" if before.total("gigabytes", name) and after.total("gigabytes", name) else "documents"
    return (after.total(column, name) or 0.0) / (before.total(column, name) or 1.0)


def resolve(balance: Balance, found: Mapping[str, int]) -> dict[str, tuple[list[str], int]]:
    """The groups of a mix: target name -> its categories and the size they shall come to together.

    found: size by category. A category without a target is a group of its own.
    """
    targets = balance.targets
    if balance.table:
        # The user's target for "MEVZUAT" takes the place of all finer ones of the table.
        table = hukukbert_targets(balance.use)
        targets = targets | {name: one for name, one in table.items() if closest(targets, name) is None}
    groups: dict[str, list[str]] = {}
    for category in sorted(found):
        groups.setdefault(closest(targets, category) or category, []).append(category)
    present = {name: sum(found[category] for category in members) for name, members in groups.items()}
    shared = {
        name: targets[name].share or 0.0 for name in groups if name in targets and targets[name].share is not None
    }
    total = balance.total or sum(present[name] for name in shared)
    whole = sum(shared.values()) or 1.0
    return {
        name: (members, _wanted(targets.get(name, Target(factor=balance.others)), present[name], total, whole))
        for name, members in groups.items()
    }


def _wanted(target: Target, present: int, total: int, whole: float) -> int:
    if target.amount is not None:
        return target.amount
    return round(total * (target.share / whole) if target.share is not None else present * (target.factor or 0.0))
