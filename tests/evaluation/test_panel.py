"""The panel: known likelihoods, paired by document."""

import re
from math import log
from pathlib import Path

import numpy as np
import orjson
import pytest

from mecelle.base.errors import InputError, MismatchError
from mecelle.evaluation.panel import Panel, _draws, read_panel, tables
from mecelle.evaluation.record import TaskRecord

TOKENS = {"law-tax": (10.0, 30.0), "law-labour": (20.0, 20.0), "code": (5.0, 15.0)}


def record(model: str, domain: str, nats: tuple[float, ...], *, tokens: tuple[float, ...] | None = None) -> TaskRecord:
    """nats: per token of each document; a token has four bytes."""
    own = tokens or TOKENS[domain]
    sizes = [4.0 * one for one in TOKENS[domain]]
    bits = tuple(n * t / log(2) / size for n, t, size in zip(nats, own, sizes, strict=True))
    return TaskRecord(
        model=model, fingerprint=model, task=f"perplexity-{domain}.v1", kind="perplexity", split="test",
        main_score="bits_per_byte", lower_is_better=True, scores={"bits_per_byte": float(np.mean(bits))},
        unit="document", ids=("a", "b"), values=bits, n=2, seed=7, parameters={}, data="d",
        weights={"tokens": own, "bytes": tuple(sizes)},
    )  # fmt: skip


def panel() -> Panel:
    before = [record("before", name, (2.0, 1.0)) for name in TOKENS]
    after = [record("after", name, (1.0, 0.5) if name.startswith("law") else (2.2, 1.1)) for name in TOKENS]
    return Panel({"before": before, "after": after}, seed=7)


def test_perplexity_is_weighted_by_tokens_and_bits_by_bytes() -> None:
    sums = panel().sums("before", "law-tax")
    assert sums.perplexity()[0] == pytest.approx(np.exp((10 * 2 + 30 * 1) / 40))
    assert sums.bits_per_byte()[0] == pytest.approx(50 / log(2) / 160)


def test_law_stands_apart_from_what_must_not_be_forgotten_and_is_summed() -> None:
    found = panel()
    assert found.rows() == ["law-labour", "law-tax", "all law", "code"]
    assert found.count("all law") == {"documents": 4, "groups": 4}
    assert found.sums("before", "all law").perplexity()[0] == pytest.approx(np.exp((50 + 60) / 80))


def test_what_every_document_gains_alike_has_an_interval_of_no_width() -> None:
    """Models are held against each other on the same draws of documents: a common factor stays a point."""
    found = tables(panel())
    assert [one["title"].split(",")[0].split(":")[0] for one in found] == [
        "Perplexity by domain",
        "Bits per byte by domain",
        "Change of bits per byte against before",
        "Change of perplexity against before",
    ]
    changes = {row["domain"]: row["after"] for row in found[2]["rows"]}
    assert changes["all law"] == "-50.0% [-50.0, -50.0]"
    assert changes["code"] == "+10.0% [+10.0, +10.0]"
    assert found[3]["rows"][2]["after"].startswith("-49.7%")  # exp(-110 / 80 / 2) - 1


def test_unlike_gains_have_an_interval_around_what_was_observed() -> None:
    before, after = record("before", "code", (2.0, 1.0)), record("after", "code", (1.0, 1.1))
    text = tables(Panel({"before": [before], "after": [after]}, seed=7))[2]["rows"][0]["after"]
    value, low, high = map(float, re.findall(r"[+-][\d.]+", text))
    assert low < value < high


def test_articles_of_one_act_are_drawn_together_and_one_act_has_no_interval() -> None:
    before = [record("before", name, (2.0, 1.0)) for name in TOKENS]
    after = [record("after", name, (1.0, 1.1)) for name in TOKENS]

    def changes(groups: dict[str, str]) -> dict[str, str]:
        found = Panel({"before": before, "after": after}, seed=7, groups=groups)
        return {row["domain"]: row["after"] for row in tables(found)[2]["rows"]}

    # The documents of the records are "a" and "b" in every domain.
    one_act = changes({"a": "act 213", "b": "act 213"})
    assert [name for name, told in one_act.items() if "[" in told] == ["all law"]  # whose fields have one act each
    assert "[" in changes({})["law-tax"]


def test_an_act_that_is_alone_in_its_domain_counts_in_the_interval_of_the_whole() -> None:
    drawn = _draws({"tax": ["a", "a"], "labour": ["b", "b"], "civil": ["c", "d"]}, seed=7, resamples=200)
    assert drawn.shape == (201, 6)
    assert (drawn[0] == 1).all()
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 1] + drawn[:, 2] == 2).all()  # the two acts are drawn among each other
    assert (drawn[:, 4] + drawn[:, 5] == 2).all()
    assert np.ptp(drawn[:, 0]) == 2


def test_perplexities_of_other_tokens_are_told_not_to_compare() -> None:
    other = record("other", "code", (2.0, 1.0), tokens=(6.0, 12.0))
    found = tables(Panel({"before": [record("before", "code", (2.0, 1.0))], "other": [other]}, seed=7))
    assert "columns do not compare" in found[0]["title"]
    assert len(found) == 3


def test_models_on_other_documents_are_refused() -> None:
    one, other = record("a", "code", (2.0, 1.0)), record("b", "law-tax", (2.0, 1.0))
    with pytest.raises(MismatchError, match="b: not scored on code"):
        Panel({"a": [one], "b": [other]}, seed=7)
    with pytest.raises(MismatchError, match="differ in data"):
        Panel({"a": [one], "b": [record("b", "code", (2.0, 1.0)).model_copy(update={"data": "e"})]}, seed=7)
    with pytest.raises(MismatchError, match="keeps no tokens of documents"):
        Panel({"a": [one.model_copy(update={"weights": {}})]}, seed=7)


def test_a_side_of_a_panel_is_read(tmp_path: Path) -> None:
    rows = [{"id": str(n), "domain": "code", "side": ("test", "development")[n % 2], "text": "x"} for n in range(4)]
    (tmp_path / "heldout.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    assert [one.id for one in read_panel(tmp_path, "test")] == ["0", "2"]
    assert read_panel(tmp_path, "test")[0].group == ""  # a panel of before groups were told
    with pytest.raises(InputError, match="nothing on the side 'train'"):
        read_panel(tmp_path, "train")
    (tmp_path / "heldout.jsonl").write_bytes(b'{"id": "1", "text": "x"}\n')
    with pytest.raises(InputError, match="expected id, domain, side and text"):
        read_panel(tmp_path, "test")
    with pytest.raises(InputError, match="no such file"):
        read_panel(tmp_path / "none.jsonl", "test")
