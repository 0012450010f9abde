"""Whether the Hugging Face hub can be asked: its own client tries a dead line for half a minute."""

import re
from functools import cache
from threading import Thread

from mecelle.base.errors import require

SECONDS = 1.5
"""Time that the hub has to answer."""

_ID = re.compile(r"[\w.-]+/[\w.-]+")


def is_hub_id(name: str) -> bool:
    """Whether `name` has the form of a hub id: owner/name.

    >>> is_hub_id("dbmdz/bert-base-turkish-cased"), is_hub_id("bert"), is_hub_id("a/b/c")
    (True, False, False)
    """
    return _ID.fullmatch(name) is not None


def why_unreachable() -> str | None:
    """None if the hub can be asked; else why it cannot. Asked once in a process, without a second try."""
    if require("huggingface_hub.constants", extra="train", why="The hub").is_offline_mode():
        return "HF_HUB_OFFLINE is set"
    return None if _answers() else f"the hub did not answer within {SECONDS} s"


@cache
def _answers() -> bool:
    hub = require("huggingface_hub", extra="train", why="The hub")
    found: list[int] = []

    def ask() -> None:
        try:
            found.append(hub.utils.get_session().head(hub.constants.ENDPOINT, timeout=SECONDS).status_code)
        except Exception:  # any kind, of whatever stands between here and there
            return

    # In a thread, since no timeout bounds the search for the host's address.
    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(SECONDS)
    return bool(found)
