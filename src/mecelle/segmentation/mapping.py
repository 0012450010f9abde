"""The rules of `data/mapping.yaml`: from the labels of headed decisions to the eight sections."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from pydantic import Field, field_validator

from mecelle.base.config import Config, parse, read_plain
from mecelle.base.errors import InputError
from mecelle.segmentation.labels import Section
from mecelle.text.casing import fold


class Rule(Config):
    """One row of the mapping; what is None or empty fits everything."""

    label: str
    section: Section
    why: str = Field(min_length=10)
    court: str | None = None
    heading: str | None = None
    before: tuple[str, ...] = ()

    def fits(self, label: str, court: str, heading: str | None, later: Sequence[str]) -> bool:
        """Whether the rule speaks of a section; later: labels of the sections behind it."""
        return (
            label == self.label
            and self.court in (None, court)
            and (self.heading is None or self.heading in fold(heading or ""))
            and (not self.before or not set(self.before).isdisjoint(later))
        )


class Caption(Config):
    """Words at the start of a line that name what follows."""

    pattern: str
    section: Section | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        re.compile(pattern)
        return pattern


class Mapping(Config):
    """The whole table."""

    rules: tuple[Rule, ...]
    captions: tuple[Caption, ...]

    def section(self, label: str, court: str, heading: str | None, later: Sequence[str]) -> Section:
        """The section of a labelled part. Raises InputError for a label that no rule speaks of."""
        for rule in self.rules:
            if rule.fits(label, court, heading, later):
                return rule.section
        known = ", ".join(sorted({rule.label for rule in self.rules}))
        raise InputError(f"section label '{label}' is in no rule of mapping.yaml; known: {known}")

    def caption(self, line: str) -> tuple[int, Section | None]:
        """How many characters at the start of `line` are a caption, and the section that it opens; (0, None) if none.

        `line` is in small letters.
        """
        for caption in self.captions:
            if match := re.match(caption.pattern, line):
                return match.end(), caption.section
        return 0, None


@cache
def mapping() -> Mapping:
    """The table as it is shipped."""
    return parse(Mapping, read_plain(_text()), where="segmentation/data/mapping.yaml")


def _text() -> str:
    return files("mecelle.segmentation").joinpath("data", "mapping.yaml").read_text(encoding="utf-8")
