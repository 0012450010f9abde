"""What a run still has to embed is told as the memory of vectors has it."""

from pathlib import Path

import pytest

from mecelle.evaluation.contestants import Contestant
from mecelle.evaluation.tasks.definition import PairData
from mecelle.evaluation.vectors import Vectors
from mecelle.evaluation.workload import Workload
from mecelle.models.random_vectors import RandomEncoder

DATA = PairData([("a", "kira", "bedel", 1.0), ("b", "kira", "haciz", 0.0)])


class InPrecision(RandomEncoder):
    """An encoder whose weights are of one precision."""

    def __init__(self, precision: str) -> None:
        super().__init__(dimension=8, seed=7)
        self.precision = precision


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("cut", [None, 4])
def test_only_vectors_of_the_same_precision_are_there(precision: str, cut: int | None, tmp_path: Path) -> None:
    encoder = InPrecision("bf16")
    Vectors(encoder, tmp_path).encode(["kira", "bedel"], role="query")
    model = Contestant("mine", lambda: encoder, None, "state", None, cut=cut, precision=precision)
    load = Workload(tmp_path)
    load.add(model, None, DATA)  # type: ignore[arg-type]  # the task is not asked
    missing = {"bf16": 1, "fp32": 3}[precision]
    assert load.sentence() == f"Texts to embed, about: {missing} by mine"
