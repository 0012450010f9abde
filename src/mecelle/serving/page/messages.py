"""What the page says, in Turkish or English, from one catalogue."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from mecelle.base.errors import ConfigError
from mecelle.text.dates import turkish_date

Language = Literal["tr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Messages:
    """The catalogue in one language."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """The message, with values put in; plain text, which a template escapes.

        >>> messages("tr")("copied")
        'Kopyalandı'
        """
        return self.texts[key].format(**values) if values else self.texts[key]

    def number(self, value: int) -> str:
        """With a mark between thousands: 1.540 in Turkish, 1,540 in English."""
        grouped = f"{value:,}"
        return grouped.replace(",", ".") if self.language == "tr" else grouped

    def date(self, iso: str | None) -> str:
        """29.05.2024, as Turkish legal writing has it; what is no ISO day stays as it is."""
        try:
            return turkish_date(iso) if iso else ""
        except ValueError:
            return iso or ""


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All messages: key, language, text. Raises ConfigError if one lacks a language."""
    text = files("mecelle.serving.page").joinpath("messages.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    for key, texts in found.items():
        if set(texts) != set(LANGUAGES):
            raise ConfigError(f"messages.toml: '{key}' is told in {', '.join(texts)}; give {', '.join(LANGUAGES)}")
    return found


@cache
def messages(language: Language) -> Messages:
    """The catalogue in a language."""
    return Messages(language, {key: texts[language] for key, texts in catalogue().items()})
