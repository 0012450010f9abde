"""The generations of Mecellem's training corpus, by language: what is in them, and how the web is filtered (§3.3.4)."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import Field

from mecelle.base.config import Config, parse, read_plain
from mecelle.corpus.filters import Filter
from mecelle.corpus.filters.fineweb_quality import FineWebQuality
from mecelle.corpus.filters.function_words import FunctionWords
from mecelle.corpus.filters.language import Language
from mecelle.corpus.filters.presets import house
from mecelle.corpus.filters.profanity import Profanity
from mecelle.corpus.filters.url_keywords import UrlKeywords
from mecelle.documents.readers.hub import SUFFIX

DATA = "data/mecellem_corpora.yaml"
FOLDER = Path("data")
"""In a workspace, where the sources stand: descriptions of hub datasets, and folders of one's own."""
TURKISH_ALONE = (FunctionWords, Profanity)
"""Filters that know Turkish words."""


class Generation(Config):
    """One generation of the corpus."""

    tokens: int = Field(ge=1)
    """About what the paper counts in it."""
    sources: tuple[str, ...]
    """Hub datasets and folders of one's own, by name."""
    urls: bool = False
    """Whether web pages are filtered by their address."""
    quality: bool = False
    """Whether they are filtered by FineWeb's rules, with the thresholds of §3.2.3."""


class Part(Config):
    """What a language is called."""

    labels: tuple[str, ...]
    """By language identification."""
    fineweb2: str
    """Configuration of FineWeb2."""
    culturax: str
    """Configuration of CulturaX."""


class Corpora(Config):
    """All of it."""

    languages: dict[str, Part]
    hub: dict[str, str]
    """Source to id on the hub."""
    own: dict[str, str]
    """Source to what the paper had in it."""
    generations: dict[str, Generation]


@cache
def corpora() -> Corpora:
    """The generations as the paper describes them."""
    text = files("mecelle.recipes").joinpath(DATA).read_text(encoding="utf-8")
    return parse(Corpora, read_plain(text), where=DATA)


def filters(generation: str, language: str) -> tuple[Filter, ...]:
    """The house's filters without those that the generation did not have, or that know Turkish only."""
    known, labels = corpora().generations[generation], corpora().languages[language].labels
    left_out: tuple[type[Filter], ...] = () if language == "tr" else TURKISH_ALONE
    left_out += () if known.urls else (UrlKeywords,)
    left_out += () if known.quality else (FineWebQuality,)
    return tuple(
        Language(languages=labels) if isinstance(one, Language) else one
        for one in house()
        if not isinstance(one, left_out)
    )


def sources(generation: str) -> tuple[Path, ...]:
    """The sources of a generation, as they stand in a workspace."""
    known = corpora()
    return tuple(
        FOLDER / (f"{name}{SUFFIX}" if name in known.hub else name) for name in known.generations[generation].sources
    )


def write_sources(workspace: Path, generation: str, language: str) -> None:
    """Describe the hub datasets of a generation, and say in a README what belongs into the folders of one's own."""
    known, place = corpora(), workspace / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    wanted = known.generations[generation].sources
    for name in wanted:
        if name in known.hub:
            part = getattr(known.languages[language], name)
            text = yaml.safe_dump({"dataset": known.hub[name], "config": part}, sort_keys=False)
            (place / f"{name}{SUFFIX}").write_text(text, encoding="utf-8")
    lines = [f"- `{FOLDER / name}/`: {known.own[name]}" for name in wanted if name in known.own]
    if lines:
        text = "Put your own files into these folders, or take them out of `dvc.yaml` (`cmd` and `deps`):\n\n"
        (place / "README.md").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
