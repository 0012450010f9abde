"""Arms of a study: seeds are averaged before units are compared; the first arm is the baseline."""

import numpy as np
import pytest

from mecelle.recipes.embedding_study import Values, rows, table


def test_units_are_averaged_over_seeds_and_compared_in_pairs() -> None:
    base = np.linspace(0, 0.8, 40)
    values: Values = {"mrr@10": {"plain": [base, base], "guided": [base + 0.2, base], "same": [base, base]}}
    found = {row["arm"]: row for row in rows(values, baseline="plain", seed=1)}
    assert found["guided"]["by_seed"] == pytest.approx([0.6, 0.4])
    assert found["guided"]["mean"] == pytest.approx(0.5)
    assert found["guided"]["against_baseline"]["low"] == pytest.approx(0.1)  # every unit gains as much
    assert found["guided"]["against_baseline"]["p_holm"] < 0.01
    assert found["same"]["against_baseline"]["p_holm"] == 1
    assert found["plain"]["against_baseline"] is None
    text = table(rows(values, baseline="plain", seed=1), baseline="plain")
    assert "| mrr@10 | guided | 40 | 0.500 " in text
    assert "+0.100 [+0.100, +0.100]" in text
