"""Silence where transformers loads or writes a model: what a user reads are our own lines."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

REPORTING = "transformers.modeling_utils"
"""Logger of the reports on loaded weights."""
ALARMS = ("MISSING", "MISMATCH", "CONVERSION")
"""Words of a report that tell of weights that were not loaded; such a report is shown."""


@contextmanager
def quiet() -> Iterator[None]:
    """No bars of transformers, and no report on weights that are merely left over.

    An encoder without its prediction head leaves the head's weights over, each time it is loaded.
    """
    from transformers.utils import logging as transformers_logging

    had_bars = transformers_logging.is_progress_bar_enabled()
    logger = logging.getLogger(REPORTING)
    transformers_logging.disable_progress_bar()
    logger.addFilter(_is_wanted)
    try:
        yield
    finally:
        logger.removeFilter(_is_wanted)
        if had_bars:
            transformers_logging.enable_progress_bar()


def _is_wanted(record: logging.LogRecord) -> bool:
    text = record.getMessage()
    return "LOAD REPORT" not in text or any(word in text for word in ALARMS)
