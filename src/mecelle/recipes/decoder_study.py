"""Studies before a long training: one thing is changed, all else stays, and the panel tells what it did.

    out/decoders/<arm>   what each arm trained
    out/records/         its perplexity by domain
    out/study.json       the tables
    out/generation/      with a judge: what the arms answer, and how it is judged

Source: Mecellem names studies of the starting checkpoint and of the mixture, and gives no figures of them; skipping
phase 1, moving the boundaries between phases and the learning rate of small models are asked for beside them.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mecelle.base.collection import read_documents
from mecelle.base.config import dump, nearest, parse
from mecelle.base.document import content_hash
from mecelle.base.errors import ConfigError, MismatchError
from mecelle.corpus.statistics.categories import NOT_LAW, field_of
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.curriculum.named import alike, law_only, one_schedule, together
from mecelle.decoder.curriculum.plan import Curriculum, choose
from mecelle.text.unicode import nfc

DECODERS, RECORDS, TABLES = "decoders", "records", "study.json"


@dataclass(frozen=True)
class Arm:
    """One training of a study."""

    curriculum: Curriculum
    initial: Path | str | None


Values = Sequence[str]
Kind = Callable[[Curriculum, Mapping[str, Path | str], Values], dict[str, Arm]]


def start(curriculum: Curriculum, initials: Mapping[str, Path | str], values: Values) -> dict[str, Arm]:
    """The same curriculum from each of the models in `initials`."""
    if values:
        raise ConfigError("study start: takes no values; give a starting model for each arm with --initial NAME=MODEL")
    return {name: Arm(curriculum, place) for name, place in initials.items()}


def shares(curriculum: Curriculum, initials: Mapping[str, Path | str], values: Values) -> dict[str, Arm]:
    """Each of `values` as the share of law in every phase that reads both law and other text."""
    (place,) = _single(initials, "shares").values()
    return {f"law {value}": Arm(with_law(curriculum, _share(value)), place) for value in values}


def boundaries(curriculum: Curriculum, initials: Mapping[str, Path | str], values: Values) -> dict[str, Arm]:
    """Each of `values` as what all phases before the last have of the tokens: where the last phase begins."""
    (place,) = _single(initials, "boundaries").values()
    return {f"last from {value}": Arm(with_boundary(curriculum, _share(value)), place) for value in values}


def rates(curriculum: Curriculum, initials: Mapping[str, Path | str], values: Values) -> dict[str, Arm]:
    """Each of `values` as the peak learning rate of all phases: smaller models take more than the paper's 5e-5."""
    (place,) = _single(initials, "rates").values()
    return {f"rate {value}": Arm(with_rate(curriculum, _rate(value)), place) for value in values}


def order(curriculum: Curriculum, initials: Mapping[str, Path | str], values: Values) -> dict[str, Arm]:
    """The phases, without the first, all alike, their text all together, and law alone at equal tokens; `values` picks.

    "alike" begins its schedule as often as "phases" and has the mixture of "together" all along, so that it tells the
    one from the other: what restarts cost, and what the order does; "one schedule" has the order without restarts.
    """
    (place,) = _single(initials, "order").values()
    arms = {"phases": curriculum, "together": together(curriculum), "law only": law_only(curriculum)}
    if len(curriculum.trained()) > 1:
        arms["alike"] = alike(curriculum)
        arms["one schedule"] = one_schedule(curriculum)
    if len(curriculum.phases) > 1:
        arms["without the first"] = choose(curriculum, [one.name for one in curriculum.phases[1:]])
    for value in values:
        if value not in arms:
            raise ConfigError(f"study order: '{value}' is no arm{nearest(value, list(arms))}")
    return {name: Arm(one, place) for name, one in arms.items() if not values or name in values}


KINDS: dict[str, Kind] = {"boundaries": boundaries, "order": order, "rates": rates, "shares": shares, "start": start}


def with_law(curriculum: Curriculum, share: float) -> Curriculum:
    """The curriculum with `share` of law, 0..1, in each phase that has law and other text; all else in proportion."""
    values = dump(curriculum)
    for phase in values["phases"]:
        sources: dict[str, float] = phase["sources"]
        law = sum(size for name, size in sources.items() if field_of(name) != NOT_LAW)
        whole = sum(sources.values())
        if 0 < law < whole:
            phase["sources"] = {
                name: size * (share / law if field_of(name) != NOT_LAW else (1 - share) / (whole - law))
                for name, size in sources.items()
            }
    return parse(Curriculum, values, where="study shares")


def with_boundary(curriculum: Curriculum, share: float) -> Curriculum:
    """The curriculum whose phases but the last have `share` of all tokens, 0..1, in their own proportions.

    Raises ConfigError for a curriculum of one phase.
    """
    values, before = dump(curriculum), [curriculum.budget(one) for one in curriculum.phases]
    last = before.pop()
    if not before:
        raise ConfigError("study boundaries: the curriculum has one phase, and no boundary")
    total = sum(before) + last
    sizes = [round(size * share * total / sum(before)) for size in before]
    for phase, size in zip(values["phases"], [*sizes, total - sum(sizes)], strict=True):
        phase["budget"] = size
    return parse(Curriculum, values | {"total": None}, where="study boundaries")


def with_rate(curriculum: Curriculum, rate: float) -> Curriculum:
    """The curriculum with one peak learning rate in all phases. Raises ConfigError where they are trained as one."""
    if curriculum.together:
        raise ConfigError("study rates: `together: true` leaves out what phases say of their rate; set it to false")
    values = dump(curriculum)
    for phase in values["phases"]:
        phase["training"]["learning_rate"] = rate
    return parse(Curriculum, values, where="study rates")


def run(
    kind: str,
    training: Path,
    tokenizer: Path | str,
    out: Path,
    config: DecoderConfig,
    curriculum: Curriculum,
    *,
    initials: Mapping[str, Path | str],
    values: Values,
    panel: Path,
    seed: int,
    work: Path,
) -> dict[str, Path]:
    """Train the arms of a study; returns arm -> its decoder, which is not trained again if it is there.

    panel: what they will be scored on. Raises MismatchError if `training` holds some of it, ConfigError for another
    kind or values that it does not take, and what `pretrain_in_phases` raises.
    """
    if kind not in KINDS:
        raise ConfigError(f"study '{kind}' is not known{nearest(kind, list(KINDS))}")
    arms = KINDS[kind](curriculum, initials, values)
    if not arms:
        raise ConfigError(f"study {kind}: no arm; give --values, such as --values 0.3,0.6")
    from mecelle.decoder.curriculum.run import pretrain_in_phases

    check_unread(training, panel)
    places = {}
    for name, arm in arms.items():
        places[name] = out / DECODERS / name.replace(" ", "-")
        pretrain_in_phases(
            training, tokenizer, places[name], config, arm.curriculum, seed=seed, work=work, initial=arm.initial
        )
    return places


def check_unread(training: Path, panel: Path) -> None:
    """Raise MismatchError if a text of the panel, of either side, stands in the collection `training`."""
    from mecelle.evaluation.panel import read_panel

    scored = read_panel(panel, None)
    ids, texts = {one.id for one in scored}, {content_hash(one.text) for one in scored}
    read = [
        one.id for one in read_documents(training) if one.id in ids or content_hash(nfc(one.text)) in texts
    ]  # fmt: skip
    if read:
        raise MismatchError(
            f"{training}: {len(read)} of its documents are scored in {panel}, such as {read[0]}; train on what "
            "`mecelle decoder holdout` left in its artifact, or on a part of that"
        )


def write_tables(out: Path, tables: Sequence[Mapping[str, Any]]) -> None:
    """Write what the study found beside its decoders."""
    (out / TABLES).write_bytes(orjson.dumps(tables, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _single(initials: Mapping[str, Path | str], kind: str) -> Mapping[str, Path | str]:
    if len(initials) != 1:
        raise ConfigError(f"study {kind}: one starting model, found {len(initials)}; `study start` compares several")
    return initials


def _share(value: str) -> float:
    share = _number(value)
    if not 0 < share < 1:
        raise ConfigError(f"value '{value}': a share between 0 and 1 is needed, such as 0.3")
    return share


def _rate(value: str) -> float:
    rate = _number(value)
    if not 0 < rate < math.inf:
        raise ConfigError(f"value '{value}': a learning rate above 0 is needed, such as 5e-4")
    return rate


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan
