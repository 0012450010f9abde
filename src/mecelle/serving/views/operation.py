"""Takedowns, health and faults."""

from typing import Literal

from pydantic import Field

from mecelle.serving.settings import LONGEST_ID
from mecelle.serving.views.base import Asked, View


class TakedownRequest(Asked):
    """What is to leave the collection."""

    document_id: str = Field(min_length=1, max_length=LONGEST_ID)
    reason: str = Field(default="", max_length=1_000)
    """For log and receipt; name nobody in it."""


class TakedownView(View):
    """What left the collection."""

    number: int
    """Of the request, in the log of takedowns."""
    document_ids: list[str]
    """The document and its copies."""
    passages: int


class HealthView(View):
    """Whether the service can search."""

    status: Literal["ok", "unavailable"]
    generation: int | None = None


class Fault(View):
    """Why a request has no result."""

    type: str
    message: str


class FaultView(View):
    """The body of every answer that is none."""

    error: Fault
