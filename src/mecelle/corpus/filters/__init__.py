"""Filters, one file each: is this document worth training on? A new file that registers a `Filter` is found."""

from typing import Annotated

from pydantic import BeforeValidator, SerializeAsAny

from mecelle.base.config import Config
from mecelle.base.document import Document
from mecelle.base.registry import Registry
from mecelle.corpus.registered import by_name
from mecelle.corpus.verdict import Verdict


class Filter(Config):
    """Base of filters: frozen parameters and one verdict."""

    filter: str
    """Registered name with version, such as `short_text.v1`."""

    def judge(self, document: Document) -> Verdict:
        """Keep or drop, with the measured values. The document is never changed."""
        raise NotImplementedError


filters: Registry[type[Filter]] = Registry("mecelle.corpus.filters", kind="filter")

AnyFilter = Annotated[SerializeAsAny[Filter], BeforeValidator(by_name(filters, "filter"))]
