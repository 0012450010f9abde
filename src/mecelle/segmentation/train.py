"""Stage "sectioner": a sectioner from labelled decisions, chosen on development, scored on test once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, InputError
from mecelle.base.seeds import derive, generator
from mecelle.models.folders import find_folder
from mecelle.models.names import load_encoder
from mecelle.segmentation import data, sectioner
from mecelle.segmentation.config import STAGE, VERSION, SegmentConfig
from mecelle.segmentation.decision import write_decisions
from mecelle.segmentation.epochs import Epoch, best_of_each, chosen, table
from mecelle.segmentation.labels import LABELS
from mecelle.segmentation.lineage import write_lineage
from mecelle.segmentation.measures import Tally, scores, tally
from mecelle.segmentation.partition import PARTS
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sectioner import Sectioner, SentenceSectioner, WindowSectioner
from mecelle.segmentation.sentences.train import material, train_member
from mecelle.segmentation.windows.train import train_windows
from mecelle.training.checkpoints import run_key

FOUND = "test.found.jsonl"
"""What the model reads in the test decisions: for paired tests, and for eyes."""


def train_sectioner(
    decisions: Path, out: Path, config: SegmentConfig, *, seed: int, work: Path, encoder: str | Path | None = None
) -> dict[str, float]:
    """Make the artifact `out` of stage "sectioner", which `load_sectioner` loads; gives the scores on test.

    decisions: artifact of stage "section-data". encoder: folder or hub id; the windows need one, which is tuned; the
    sentences take one, frozen, if it is given. work: a killed run goes on from it.
    Raises ConfigError if the windows have no encoder, InputError if there is nothing to learn from.
    """
    artifacts.read_marker(decisions, stage=data.STAGE)
    if config.model == "windows" and encoder is None:
        raise ConfigError("model 'windows' tunes an encoder: give one with --encoder (a folder or a hub id)")
    inputs: dict[str, Path | str] = {"decisions": decisions, **({"encoder": encoder} if encoder else {})}
    with artifacts.create(out, stage=STAGE, version=VERSION, parameters=config, inputs=inputs, seed=seed) as run:
        run.accounts.unit = "decisions"
        both = {part: data.read_part(decisions, part) for part in PARTS}
        parts = {part: bare for part, (bare, _) in both.items()}
        given, parts["train"] = len(parts["train"]), _some(parts["train"], config.train_decisions, seed=seed)
        if not any(one.sections for one in parts["train"]):
            raise InputError(f"{decisions}: no decision with sections in train.jsonl; there is nothing to learn from")
        run.accounts.keep(len(parts["train"]))
        if given > len(parts["train"]):
            run.accounts.drop("beyond_train_decisions", given - len(parts["train"]))
        key = run_key(config, inputs, stage=STAGE, version=VERSION, seed=seed, leave_out=set())
        made, epochs = _train(
            parts, both["train"][1], run.folder, config, encoder, seed=derive(seed, "sectioner"), work=work / key
        )
        write_lineage(run.folder, parts)
        found = made.read(parts["test"])
        write_decisions(found, run.folder / FOUND)
        tallies = _tallies(parts["test"], found)
        (run.folder / "README.md").write_text(card(config, parts, chosen(epochs)), encoding="utf-8")
        run.figures.update(
            epochs=table(epochs),
            chosen=chosen(epochs).epoch,
            best_of_each=best_of_each(epochs),
            development=scores(_tallies(parts["development"], made.read(parts["development"]))),
            test=scores(tallies),
            confusion={"labels": LABELS, "words": np.sum([one.words for one in tallies], axis=0).tolist()},
        )
    return scores(tallies)


def _tallies(gold: Sequence[Segmented], found: Sequence[Segmented]) -> list[Tally]:
    return [tally(one, read) for one, read in zip(gold, found, strict=True)]


def card(config: SegmentConfig, parts: dict[str, list[Segmented]], best: Epoch) -> str:
    """What the model is and how to use it."""
    return f"""# Sections of Turkish court decisions, made with Mecelle

Finds header, formal, claim, defense, reasoning, ruling, footer and dissent in the text of a decision.
Kind: {config.model}. Learnt from {len(parts["train"]):,} texts, chosen among {len(parts["development"]):,} by the share
whose boundaries are all right (epoch {best.epoch:g}). `lineage/decisions.jsonl` names them.

```bash
mecelle segment apply decision.pdf --model this/folder --out sections.jsonl
```

Confidence is the model's own probability and is not calibrated. Courts that are not in the training decisions are read
less well: see docs/results/sections.md.
"""


def _train(
    parts: dict[str, list[Segmented]],
    headed: Mapping[str, Segmented],
    folder: Path,
    config: SegmentConfig,
    encoder: str | Path | None,
    *,
    seed: int,
    work: Path,
) -> tuple[Sectioner, list[Epoch]]:
    """Train, write into `folder`, and give what was written, and the epochs of the first member."""
    place = find_folder(encoder) if encoder else None
    train, development = parts["train"], parts["development"]
    if config.model == "windows":
        assert place is not None
        tagger, epochs = train_windows(place, train, development, config.windows, seed=seed, work=work)
        sectioner.save_windows(folder, tagger, config)
        return WindowSectioner(tagger), epochs
    frozen = load_encoder(place, max_length=sectioner.SENTENCE_TOKENS) if place else None
    given = material(train, headed, development, config.sentences, encoder=frozen, seed=seed)
    made = [
        train_member(given, config.sentences, seed=derive(seed, "member", number), work=work / str(number))
        for number in range(config.sentences.members)
    ]
    sectioner.save_sentences(folder, [member for member, _ in made], config, place)
    first = made[0][1]
    return SentenceSectioner([member for member, _ in made], config.sentences.buckets, frozen), first


def _some(decisions: Sequence[Segmented], most: int | None, *, seed: int) -> list[Segmented]:
    """At most so many decisions, drawn by seed; a smaller draw is the beginning of a larger one."""
    order = generator(seed, "learning curve").permutation(len(decisions))[:most]
    return [decisions[at] for at in sorted(order.tolist())]
