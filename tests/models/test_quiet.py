"""Which of transformers' reports on loaded weights a user sees."""

import logging
from pathlib import Path

import pytest

from mecelle.models.quiet import REPORTING, quiet


@pytest.mark.parametrize(("checked", "shown"), [(False, True), (True, False)])
def test_a_new_head_is_reported_unless_the_caller_checks(masked_folder: Path, checked: bool, shown: bool) -> None:
    from transformers import AutoModelForTokenClassification

    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(REPORTING)
    logger.addHandler(handler)
    try:
        with quiet(checked=checked):
            AutoModelForTokenClassification.from_pretrained(str(masked_folder))
    finally:
        logger.removeHandler(handler)
    assert any("classifier.weight" in text for text in said) is shown
