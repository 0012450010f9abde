"""What each training taught and cost: measures of held-out pairs by models whose vectors are known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import InputError
from mecelle.embedding.pairs.record import HELD_OUT, Draft, Pair, make_pair, write_pairs
from mecelle.evaluation.vectors import Vectors
from mecelle.recipes import forgetting
from mecelle.recipes.forgetting import MRR, NEARER, SPEARMAN, ForgettingConfig, links, measure_forgetting, unit_values


class Known:
    """Places the text `40` at 40 degrees, or all texts at one place."""

    dimension = 2
    fingerprint = "known"

    def __init__(self, name: str = "known", *, blind: bool = False) -> None:
        self.name, self.blind = name, blind

    def encode(self, texts: Sequence[str], *, role: str = "document") -> np.ndarray:
        degrees = np.radians([0.0 if self.blind else float(text) for text in texts])
        return np.stack([np.cos(degrees), np.sin(degrees)], axis=1).astype(np.float32)


def pair(query: float, document: float, *negatives: float, grade: float | None = None) -> Pair:
    draft = Draft(str(query), str(document), f"q{query}", f"d{document}")
    return make_pair(draft, kind="k", negatives=tuple(map(str, negatives)), grade=grade)


def values(pairs: list[Pair], *, blind: bool = False) -> dict[str, list[float]]:
    found = unit_values(Vectors(Known(blind=blind), None), pairs)  # type: ignore[arg-type]
    return {name: units.tolist() for name, units in found.items()}


def test_ranks_among_held_out_documents() -> None:
    pairs = [pair(0, 10), pair(40, 90), pair(80, 72)]
    assert values(pairs)[MRR] == pytest.approx([1, 1 / 3, 1])
    assert values(pairs, blind=True)[MRR] == pytest.approx([1 / 3] * 3)


def test_own_document_against_hard_negatives() -> None:
    pairs = [pair(0, 10, 20, 30), pair(40, 90, 50), pair(5, 6)]
    assert values(pairs)[NEARER] == [1, 0]
    assert values(pairs, blind=True)[NEARER] == [0, 0]


def test_graded_pairs_by_rank_correlation() -> None:
    pairs = [pair(0, angle, grade=grade) for angle, grade in ((1, 5), (20, 3), (50, 4), (90, 0))]
    assert np.mean(values(pairs)[SPEARMAN]) == pytest.approx(0.8)
    assert np.mean(values(pairs, blind=True)[SPEARMAN]) == 0


def held(folder: Path, name: str, pairs: list[Pair]) -> Path:
    with artifacts.create(folder / name, stage="pairs", version=1, parameters={}, inputs={}, seed=1) as run:
        write_pairs([], run.folder)
        write_pairs(pairs, run.folder, name=HELD_OUT)
    return folder / name


def test_the_table_tells_what_was_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "load_encoder", lambda name, **_: Known(str(name), blind=str(name) == "blind"))
    sets = {
        "sts": held(tmp_path, "sts", [pair(0, 9 * n, grade=float(-n)) for n in range(9)]),
        "retrieval": held(tmp_path, "retrieval", [pair(10 * n, 10 * n + 1) for n in range(8)]),
    }
    models = {"begin": "seeing", "sts": "blind"}
    measure_forgetting(models, sets, tmp_path / "out", ForgettingConfig(cuts=(1,)), seed=1)
    rows = {
        (row["set"], row["model"]): row for row in orjson.loads((tmp_path / "out" / "forgetting.json").read_bytes())
    }
    assert rows["sts", "begin"]["mean"] == pytest.approx(1)
    assert rows["retrieval", "begin"]["mean"] == 1
    assert rows["retrieval", "begin"]["change"] is None
    lost = rows["retrieval", "sts"]["change"]
    assert lost["difference"] == pytest.approx(-7 / 8)
    assert lost["high"] < 0
    assert ("retrieval", "sts@1") in rows
    text = (tmp_path / "out" / "forgetting.md").read_text(encoding="utf-8")
    assert "| retrieval | mrr@10 | 8 | sts | 0.125" in text


def test_a_set_without_held_out_pairs(tmp_path: Path) -> None:
    sets = {"sts": held(tmp_path, "sts", [pair(0, 1)])}
    with pytest.raises(InputError, match="1 held-out pairs; at least 2 are needed"):
        measure_forgetting({"begin": "x"}, sets, tmp_path / "out", ForgettingConfig(), seed=1)


def test_what_was_lost_near_a_query_is_held_against_its_rank() -> None:
    rng = np.random.default_rng(1)
    angles = rng.uniform(0, np.pi, 60)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    hurt = (angles[:30] < np.pi / 2).astype(float)  # graded pairs of the first quarter lose
    wrong = np.where(angles[30:] < np.pi / 2, 0.1, 1.0)  # and queries there are ranked wrongly
    values = {
        "sts": {("s", SPEARMAN): np.ones(30), ("law", MRR): np.ones(30)},
        "end": {("s", SPEARMAN): 1 - hurt, ("law", MRR): wrong},
    }
    places = {model: {"s": circle[:30], "law": circle[30:]} for model in ("sts", "end")}
    (row,) = links(values, places, ["sts", "end"], seed=1)
    assert (row["model"], row["before"], row["graded"], row["set"], row["n"]) == ("end", "sts", "s", "law", 30)
    assert row["rho"] < -0.7
    assert row["p"] < 0.01
    values["end"]["law", MRR] = wrong[rng.permutation(30)]
    (row,) = links(values, places, ["sts", "end"], seed=1)
    assert abs(row["rho"]) < 0.4
