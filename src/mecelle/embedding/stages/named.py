"""The stages and their orders by name (TurkEmbed4Retrieval, arXiv 2511.07595, §III)."""

from collections.abc import Mapping

from mecelle.embedding.config import EmbeddingConfig

MATRYOSHKA = (512, 256, 128, 64, 32)
"""Cuts below the 768 components of GTE-multilingual-base. Source: issue 8; the paper names the method alone."""

NLI = EmbeddingConfig(loss="multiple_negatives.v1", batch=128, accumulation=1, symmetric=False, dims=MATRYOSHKA)
STS = EmbeddingConfig(loss="cosent.v1", batch=32, accumulation=1, epochs=4.0, dims=MATRYOSHKA, same_kind=False)
RETRIEVAL = EmbeddingConfig(loss="multiple_negatives.v1", batch=1024, chunk=32, accumulation=1, dims=MATRYOSHKA)
"""Batch of §IV; the paper gives no batch, rate or epochs of the stages before it: ours."""

STAGES: Mapping[str, EmbeddingConfig] = {"nli": NLI, "sts": STS, "retrieval": RETRIEVAL}

ORDERS: Mapping[str, tuple[str, ...]] = {
    "full": ("nli", "sts", "retrieval"),
    "retrieval_only": ("retrieval",),
    "without_nli": ("sts", "retrieval"),
    "without_sts": ("nli", "retrieval"),
    "swapped": ("sts", "nli", "retrieval"),
}
"""The paper's order first, then its rivals."""


def at_equal_budget(
    configs: Mapping[str, EmbeddingConfig], order: tuple[str, ...], steps: Mapping[str, int]
) -> dict[str, EmbeddingConfig]:
    """The stages of an order with their steps; the last gets the pairs of the stages that the order leaves out.

    steps: stage -> optimizer steps where all stages are run. Thus every order sees equally many pairs, up to one step.
    """
    left_out = sum(_pairs(configs[name], steps[name]) for name in configs if name not in order)
    more = {order[-1]: left_out // _pairs(configs[order[-1]], 1)}
    return {
        name: configs[name].model_copy(update={"most_steps": steps[name] + more.get(name, 0), "epochs": EPOCHS})
        for name in order
    }


EPOCHS = 1_000.0
"""More than any budget of steps needs: the steps decide."""


def _pairs(config: EmbeddingConfig, steps: int) -> int:
    return config.batch * config.accumulation * steps
