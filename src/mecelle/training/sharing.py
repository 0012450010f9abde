"""Artifacts in a work folder that several runs share: made by the first that needs them."""

from collections.abc import Callable
from pathlib import Path

from mecelle.base import artifacts
from mecelle.base.locks import lock
from mecelle.training import processes


def made_once(place: Path, make: Callable[[], None], *, stage: str, doing: str) -> Path:
    """`place`, an artifact of `stage`, which `make` makes unless it is there.

    Another run that needs it meanwhile waits and takes it as it is. Of the processes of one run the first makes it, and
    all of them must call this.
    """
    if processes.is_first():
        with lock(place.with_name(f"{place.name}.lock"), doing=doing, wait=True):
            if not artifacts.is_artifact(place, stage=stage):
                make()
    processes.wait_for_all()
    return place
