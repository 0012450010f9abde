"""A trained sectioner: an artifact that reads decisions by itself."""

import shutil
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from safetensors.torch import load_file, save_file
from torch.nn import ModuleList

from mecelle.base import artifacts, config
from mecelle.base.protocols import TextEncoder
from mecelle.models.names import load_encoder
from mecelle.segmentation.config import PARAMETERS, STAGE, SegmentConfig
from mecelle.segmentation.record import Segmented
from mecelle.segmentation.sentences.model import SentenceTagger
from mecelle.segmentation.sentences.reading import read_sections, read_units
from mecelle.segmentation.windows.model import TokenTagger

WEIGHTS, ENCODER = "sectioner.safetensors", "encoder"
PACKAGED = "package:sectioner"
"""Name of the small sectioner that Mecelle itself brings (`data/sectioner`, with its card)."""
SENTENCE_TOKENS = 128
"""Of a sentence, what a frozen encoder reads."""


class Sectioner(Protocol):
    """Reads the sections of decisions."""

    def read(self, decisions: Sequence[Segmented]) -> list[Segmented]:
        """The decisions with the sections that are read in them; a text of white space has none."""


class SentenceSectioner:
    """Reads whole documents sentence by sentence."""

    def __init__(self, members: Sequence[SentenceTagger], buckets: int, encoder: TextEncoder | None) -> None:
        self.members, self.buckets, self.encoder = [member.eval() for member in members], buckets, encoder

    def read(self, decisions: Sequence[Segmented]) -> list[Segmented]:
        """As `Sectioner.read`."""
        seen = read_units([one.text for one in decisions], buckets=self.buckets, encoder=self.encoder)
        return [read_sections(self.members, decision, one) for decision, one in zip(decisions, seen, strict=True)]


class WindowSectioner:
    """Reads token by token."""

    def __init__(self, tagger: TokenTagger) -> None:
        self.tagger = tagger

    def read(self, decisions: Sequence[Segmented]) -> list[Segmented]:
        """As `Sectioner.read`."""
        return [self.tagger.read(decision) for decision in decisions]


def save_sentences(
    folder: Path, members: Sequence[SentenceTagger], settings: SegmentConfig, encoder: Path | None
) -> None:
    """Write the weights in half precision, the parameters, and a copy of the frozen encoder, so that it loads alone.

    From here on the members have the weights that were written, so that these are what is scored.
    """
    (folder / PARAMETERS).write_text(settings.model_dump_json(indent=1) + "\n", encoding="utf-8")
    both = ModuleList(members)
    halves = {name: tensor.half().contiguous() for name, tensor in both.state_dict().items()}
    save_file(halves, folder / WEIGHTS)
    both.load_state_dict({name: tensor.float() for name, tensor in halves.items()})
    if encoder is not None:
        shutil.copytree(encoder, folder / ENCODER, ignore=shutil.ignore_patterns("lineage", artifacts.MARKER))


def save_windows(folder: Path, tagger: TokenTagger, settings: SegmentConfig) -> None:
    """Write an ordinary folder of transformers, and the parameters of the windows beside it."""
    (folder / PARAMETERS).write_text(settings.model_dump_json(indent=1) + "\n", encoding="utf-8")
    tagger.save(folder)


def sectioner_folder(place: str | Path = PACKAGED) -> Path:
    """The artifact that `place` names: a folder, or `package:sectioner`. Raises ArtifactError if it is none."""
    folder = Path(str(files("mecelle.segmentation"))) / "data" / "sectioner" if place == PACKAGED else Path(place)
    artifacts.read_marker(folder, stage=STAGE)
    return folder


def load_sectioner(place: str | Path = PACKAGED) -> Sectioner:
    """The sectioner in an artifact of `segment train`, by default the one that Mecelle brings.

    Raises ArtifactError if `place` is no such artifact, or half of one.
    """
    folder = sectioner_folder(place)
    settings = config.parse(
        SegmentConfig,
        config.read_plain((folder / PARAMETERS).read_text(encoding="utf-8")),
        where=str(folder / PARAMETERS),
    )
    if settings.model == "windows":
        return WindowSectioner(TokenTagger(folder, settings.windows))
    encoder = load_encoder(folder / ENCODER, max_length=SENTENCE_TOKENS) if (folder / ENCODER).is_dir() else None
    sentences, width = settings.sentences, encoder.dimension if encoder else 0
    members = [SentenceTagger(sentences, encoder_width=width) for _ in range(sentences.members)]
    halves = load_file(folder / WEIGHTS)
    ModuleList(members).load_state_dict({name: tensor.float() for name, tensor in halves.items()})
    return SentenceSectioner(members, sentences.buckets, encoder)
