"""Which decisions are learnt from, which choose, which are scored: the fixed split, and harder cuts through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import Field

from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.seeds import generator
from mecelle.segmentation.record import Segmented

PARTS = ("train", "development", "test")


class PartitionConfig(Config):
    """How decisions are divided. What is held out is taken out of training and development, and alone is scored.

    Where several criteria are given, those that meet all of them are scored, and those that meet none are learnt from.
    """

    held_court: str | None = None
    """Court whose decisions are scored by a model that saw none of them."""
    held_chamber: str | None = None
    """Chamber whose decisions are scored by a model that saw none of them."""
    held_since: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    """Date (ISO, or its beginning) from which on decisions are scored by a model that saw older ones alone."""
    shares: tuple[float, float, float] = (0.5, 0.2, 0.3)
    """Of train, development and test, where no split is given."""


@dataclass(frozen=True)
class Split:
    """Ids of decisions by part."""

    parts: Mapping[str, str]
    """Id -> name of the part."""

    @classmethod
    def read(cls, path: Path) -> "Split":
        """`decisions` of docs/splits.json. Raises InputError if there is no such thing in it."""
        try:
            named = orjson.loads(path.read_bytes())["decisions"]
            return cls({identity: part for part in PARTS for identity in named[part]})
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}: no split of decisions in it ({error!r}); expected decisions: {{train, development, test}}, "
                "as `mecelle evaluate splits` writes it"
            ) from None

    @classmethod
    def draw(cls, identities: Sequence[str], shares: Sequence[float], *, seed: int) -> "Split":
        """A split by seed in the given shares; no part of three or more decisions is empty."""
        order = generator(seed, "split").permutation(len(identities)).tolist()
        first = min(max(round(shares[0] * len(order)), 1), len(order) - 2)
        second = min(max(round((shares[0] + shares[1]) * len(order)), first + 1), len(order) - 1)
        named = {identities[place]: PARTS[(at >= first) + (at >= second)] for at, place in enumerate(order)}
        return cls(named)


def divide(
    decisions: Sequence[Segmented], split: Split, config: PartitionConfig
) -> tuple[dict[str, list[Segmented]], dict[str, int]]:
    """The decisions of each part, and how many were left out for which reason.

    Raises ConfigError if a part would be empty.
    """
    parts: dict[str, list[Segmented]] = {part: [] for part in PARTS}
    dropped: dict[str, int] = {}
    for decision in decisions:
        part, reason = _part(decision, split, config)
        if part:
            parts[part].append(decision)
        else:
            dropped[reason] = dropped.get(reason, 0) + 1
    empty = [part for part, members in parts.items() if not members]
    if empty:
        raise ConfigError(
            f"no decision is left for {' and '.join(empty)}: {len(decisions):,} were given; "
            f"left out: {dropped or 'none'}; is the value that is held out spelt as in the data?"
        )
    return parts, dropped


def may_be_seen(decision: Segmented, config: PartitionConfig) -> bool:
    """Whether a decision of no split, such as a generated one, may be learnt from."""
    held = _held(decision, config)
    return held is not None and not any(held)


def _part(decision: Segmented, split: Split, config: PartitionConfig) -> tuple[str, str]:
    """The part of a decision, or an empty name and the reason."""
    part = split.parts.get(decision.id)
    if part is None:
        return "", "not_in_split"
    held = _held(decision, config)
    if held is None:
        return "", "no_date"
    if not held or (all(held) if part == "test" else not any(held)):
        return part, ""
    return "", "held_out" if part != "test" else "not_held_out"


def _held(decision: Segmented, config: PartitionConfig) -> list[bool] | None:
    """Whether it meets each criterion of what is held out; None if one asks for its date, which is unknown."""
    wanted = {"court": config.held_court, "chamber": config.held_chamber}
    met = [decision.metadata.get(key) == value for key, value in wanted.items() if value is not None]
    if config.held_since is not None:
        date = decision.metadata.get("date")
        if not date:
            return None
        met.append(str(date) >= config.held_since)
    return met
