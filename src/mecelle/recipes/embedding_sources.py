"""Sets of pairs that the papers train on, by hub id. The papers name the sets; these machines reach no hub."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from mecelle.documents.readers.hub import SUFFIX
from mecelle.recipes.graph import Inputs
from mecelle.recipes.supply import Supply

Source = Mapping[str, str]
MSMARCO: Source = {"dataset": "parsak/msmarco-tr", "split": "train"}
"""920,106 triplets (Mecellem §3.3.5)."""
ALL_NLI: Source = {"dataset": "emrecan/all-nli-tr", "config": "triplet", "split": "train"}
STSB: Source = {"dataset": "emrecan/stsb-mt-turkish", "split": "train"}
MSMARCO_PAIRS = 920_106
FOLDER = Path("data")


def hub_supply(*, pairs: Source, nli: Source | None = None, sts: Source | None = None) -> Supply:
    """Inputs of a recipe that reads pairs from the hub, each described by a file in the workspace's `data/`."""
    given = {"pairs": pairs, "nli": nli, "sts": sts}
    places = {name: FOLDER / f"{name}{SUFFIX}" for name, source in given.items() if source}

    def write(workspace: Path) -> None:
        (workspace / FOLDER).mkdir(parents=True, exist_ok=True)
        for name, place in places.items():
            source = yaml.safe_dump(dict(given[name] or {}), sort_keys=False)
            (workspace / place).write_text(source, encoding="utf-8")

    return Supply(Inputs(data=()).model_copy(update=places), write)
