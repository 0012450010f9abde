"""Accuracy on gold; each bound lies just under what was measured, which the comment gives."""

import gzip
from pathlib import Path

import orjson
import pytest

from mecelle.text.casing import fold
from mecelle.text.morphology import analyse

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def gold(real_data: Path) -> list[dict[str, str]]:
    """Nouns, proper nouns and verbs of BOUN's test part that are whole words."""
    with gzip.open(real_data / "general" / "morphology.jsonl.gz") as lines:
        rows = [row for row in map(orjson.loads, lines) if (row["tb"], row["split"]) == ("BOUN", "test")]
    parts = {
        (row["sent"], str(number))
        for row in rows
        if row["upos"] == "MWT"
        for number in range(int(row["id"].split("-")[0]), int(row["id"].split("-")[1]) + 1)
    }
    return [
        row
        for row in rows
        if row["upos"] in ("NOUN", "PROPN", "VERB") and row["form"].isalpha() and (row["sent"], row["id"]) not in parts
    ]


def test_lemma_and_case(gold: list[dict[str, str]]) -> None:
    found = analyse([fold(row["form"]) for row in gold])
    cases = [dict(feat.split("=", 1) for feat in row["feats"].split("|") if "=" in feat).get("Case") for row in gold]
    lemmas = sum(one is not None and one.lemma == fold(row["lemma"]) for one, row in zip(found, gold, strict=True))
    right = sum((one.case if one else None) == case for one, case in zip(found, cases, strict=True))
    assert len(gold) > 5_000
    assert lemmas / len(gold) > 0.90  # .915
    assert right / len(gold) > 0.865  # .877
