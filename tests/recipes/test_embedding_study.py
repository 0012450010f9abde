"""Arms of a study: seeds and units are both chance; the first arm is the baseline; saved trainings are tabled again."""

from pathlib import Path

import numpy as np
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import InputError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.stages.chain import Step
from mecelle.recipes.embedding_study import Arm, Floats, Scored, Values, rows, table, trained_arms


def scored(*trainings: Floats, clusters: tuple[str, ...] = ()) -> list[Scored]:
    return [Scored(values, float(values.mean()), clusters) for values in trainings]


BASE = np.linspace(0, 0.8, 40)


def test_arms_are_compared_in_pairs_over_units_and_seeds() -> None:
    values: Values = {
        "mrr@10": {
            "plain": scored(BASE, BASE),
            "guided": scored(BASE + 0.2, BASE + 0.1),
            "same": scored(BASE, BASE),
        }
    }
    found = {row["arm"]: row for row in rows(values, baseline="plain", seed=1)}
    assert found["guided"]["by_seed"] == pytest.approx([0.6, 0.5])
    assert found["guided"]["mean"] == pytest.approx(0.55)
    assert found["guided"]["against_baseline"]["low"] == pytest.approx(0.1)  # one seed gains as much on every unit
    assert found["guided"]["against_baseline"]["p_holm"] < 0.01
    assert found["guided"]["against_baseline"]["test"] == "seeds and units"
    assert found["same"]["against_baseline"]["p_holm"] == 1
    assert found["plain"]["against_baseline"] is None
    text = table(rows(values, baseline="plain", seed=1), baseline="plain")
    assert "| mrr@10 | guided | 40 | 0.550 " in text
    assert "+0.150 [+0.100, +0.200]" in text


def test_a_gain_of_one_seed_alone_may_be_its_luck() -> None:
    """Units averaged over seeds all gain .1, which no test over units takes for chance."""
    values: Values = {"mrr@10": {"plain": scored(BASE, BASE), "lucky": scored(BASE + 0.2, BASE)}}
    _, lucky = rows(values, baseline="plain", seed=1)
    assert lucky["against_baseline"]["p_holm"] > 0.3
    assert lucky["against_baseline"]["low"] == pytest.approx(0.0)


def test_units_of_a_cluster_are_drawn_together_and_the_interval_lies_about_the_score() -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(rng.normal(0.5, 0.2, 10), 10)
    names = tuple(f"document {place // 10}" for place in range(100))
    apart: Values = {"ap": {"one": scored(groups, groups)}}
    together: Values = {"ap": {"one": [Scored(groups, 0.9, names)] * 2}}
    [narrow], [wide] = (rows(values, baseline="one", seed=1) for values in (apart, together))
    assert wide["mean"] == pytest.approx(0.9)
    assert wide["low"] < 0.9 < wide["high"]
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])


def test_saved_trainings_are_found_without_training(tmp_path: Path) -> None:
    arms = [Arm(name, (Step("embedding", tmp_path / "pairs", EmbeddingConfig()),)) for name in ("plain", "guided")]
    place = tmp_path / "plain" / "1" / "1-embedding"
    with artifacts.create(place, stage="embedding", version=1, parameters={}, inputs={}, seed=1) as run:
        (run.folder / "model").write_text("made by another version")
    assert trained_arms(arms, [1, 2], tmp_path) == {("plain", 1): {"embedding": place}}
    with pytest.raises(InputError, match=r"no finished training in it; looked for plain/2, guided/2"):
        trained_arms(arms, [2], tmp_path)
