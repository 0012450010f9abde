"""Cleaning steps, one file each: text in, text out. A new file that registers a `Cleaner` is found by listing."""

from typing import Annotated

from pydantic import BeforeValidator, SerializeAsAny

from mecelle.base.config import Config
from mecelle.base.registry import Registry
from mecelle.corpus.registered import by_name


class Cleaner(Config):
    """Base of cleaning steps."""

    cleaner: str
    """Registered name with version, such as `unicode.v1`."""

    def clean(self, text: str) -> str:
        """The text without one kind of dirt. Letters and digits that were right stay as they are."""
        raise NotImplementedError


cleaners: Registry[type[Cleaner]] = Registry("mecelle.corpus.cleaning", kind="cleaner")

AnyCleaner = Annotated[SerializeAsAny[Cleaner], BeforeValidator(by_name(cleaners, "cleaner"))]
