"""Silence where transformers loads or writes a model: what a user reads are our own lines."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

REPORTING = "transformers.modeling_utils"
"""Logger of the reports on loaded weights."""
ALARMS = ("MISSING", "MISMATCH", "CONVERSION")
"""Words of a report that tell of weights that were not loaded; such a report is shown."""


@contextmanager
def quiet(*, checked: bool = False) -> Iterator[None]:
    """No bars of transformers, and no report on weights that are merely left over.

    An encoder without its prediction head leaves the head's weights over, each time it is loaded.
    checked: no report at all, for callers that look at the missing weights themselves: a new head is always reported.
    """
    from transformers.utils import logging as transformers_logging

    had_bars = transformers_logging.is_progress_bar_enabled()
    logger = logging.getLogger(REPORTING)
    wanted = _is_no_report if checked else _is_wanted
    transformers_logging.disable_progress_bar()
    logger.addFilter(wanted)
    try:
        yield
    finally:
        logger.removeFilter(wanted)
        if had_bars:
            transformers_logging.enable_progress_bar()


def _is_no_report(record: logging.LogRecord) -> bool:
    return "LOAD REPORT" not in record.getMessage()


def _is_wanted(record: logging.LogRecord) -> bool:
    return _is_no_report(record) or any(word in record.getMessage() for word in ALARMS)
