"""Stage "pairs" from several: equal or stated shares, so that kinds of data are compared at equal count."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from mecelle.base import artifacts
from mecelle.base.accounts import Accounts
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.seeds import derive
from mecelle.embedding.pairs.build import STAGE, VERSION
from mecelle.embedding.pairs.record import HELD_OUT, Pair, read_held_out, read_pairs, write_pairs
from mecelle.embedding.pairs.split import negatives_left_out, without


class BlendConfig(Config):
    """How much of each source."""

    total: int | None = Field(default=None, ge=1)
    """Pairs in all; null for as many as the shares allow."""
    shares: dict[str, float] = Field(default_factory=dict)
    """Source -> its share; they add up to 1. Empty: equal shares."""


def blend(sources: Mapping[str, Path], out: Path, config: BlendConfig, *, seed: int) -> None:
    """Make the artifact `out` of stage "pairs". sources: name (natural, synthetic, translated) -> pairs.

    Each source gives its share of the total, drawn by the seed. Held-out pairs of all sources are kept together, and
    no text of one of them is trained on. Raises ConfigError if the shares do not fit the sources, InputError if a
    source has too few pairs.
    """
    shares = _shares(sources, config)
    inputs: dict[str, Path | str] = dict(sources)
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "pairs"
        held = [pair for path in sources.values() for pair in read_held_out(path)]
        given = {name: list(read_pairs(path)) for name, path in sources.items()}
        fit = {name: _fit(pairs, held, run.accounts) for name, pairs in given.items()}
        lost = sum(negatives_left_out(given[name], fit[name]) for name in sources)
        total = config.total or min(int(len(fit[name]) / share) for name, share in shares.items())
        kept: list[Pair] = []
        for name, share in shares.items():
            kept += _drawn(fit[name], round(total * share), seed, run.accounts, source=sources[name])
        kept.sort(key=lambda pair: derive(seed, "blend", pair.id))
        run.accounts.keep(len(kept))
        write_pairs(kept, run.folder)
        write_pairs(held, run.folder, name=HELD_OUT)
        run.figures["negatives_held_out"] = lost
        run.figures["shares"] = {name: round(total * share) for name, share in shares.items()}


def _shares(sources: Mapping[str, Path], config: BlendConfig) -> dict[str, float]:
    if not config.shares:
        return dict.fromkeys(sources, 1 / len(sources))
    if set(config.shares) != set(sources) or abs(sum(config.shares.values()) - 1) > 1e-6:
        raise ConfigError(
            f"shares {config.shares}: a share of each of {', '.join(sources)} is needed, and they must add up to 1"
        )
    if min(config.shares.values()) <= 0:
        raise ConfigError(f"shares {config.shares}: leave out a source rather than give it no share")
    return {name: config.shares[name] for name in sources}


def _fit(pairs: Sequence[Pair], held: Sequence[Pair], accounts: Accounts) -> list[Pair]:
    fit = without(pairs, held)
    if len(fit) < len(pairs):
        accounts.drop("shares_text_with_held_out", len(pairs) - len(fit))
    return fit


def _drawn(pairs: list[Pair], count: int, seed: int, accounts: Accounts, *, source: Path) -> list[Pair]:
    if len(pairs) < count:
        raise InputError(f"{source}: {len(pairs):,} pairs, {count:,} are wanted; lower total, or its share")
    if len(pairs) > count:
        accounts.drop("over_quota", len(pairs) - count)
    # Not by the numbers of `build`, which has kept the smallest where it had a quota: they would be drawn again.
    return sorted(pairs, key=lambda pair: derive(seed, "blend quota", pair.id))[:count]
