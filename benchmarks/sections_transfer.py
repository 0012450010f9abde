"""What the small sectioner makes of courts, chambers and years it has not seen, and of fewer decisions to learn from.

    python benchmarks/sections_transfer.py decision_sections.jsonl.gz --splits docs/splits.json \\
        --outside regulations.jsonl.gz --work work/transfer

Each row is a training of its own: one member, default parameters, chosen on its own development decisions, and
scored on its test once. Rows that hold out something are to be read beside the row `all`, scored on the same decisions.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import torch
from measuring import machine, write_results

from mecelle.evaluation.section_scores import with_intervals
from mecelle.segmentation.config import SegmentConfig
from mecelle.segmentation.data import SectionDataConfig, build_section_data
from mecelle.segmentation.decision import read_decisions
from mecelle.segmentation.measures import tally
from mecelle.segmentation.partition import PartitionConfig
from mecelle.segmentation.sectioner import load_sectioner
from mecelle.segmentation.sentences.config import SentencesConfig
from mecelle.segmentation.train import train_sectioner

SEED = 7
CURVE = (29, 58, 115)
HELD = {
    "without Yargıtay": PartitionConfig(held_court="Yargıtay"),
    "without Danıştay": PartitionConfig(held_court="Danıştay"),
    "without Anayasa Mahkemesi": PartitionConfig(held_court="Anayasa Mahkemesi"),
    "without Danıştay 4. Daire": PartitionConfig(held_chamber="4. Daire Başkanlığı"),
    "until 2024, then 2025 on": PartitionConfig(held_since="2025"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("decisions", "--splits", "--outside", "--work"):
        parser.add_argument(name, type=Path, **({"required": True} if name.startswith("--") else {}))
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows: dict[str, Any] = {}
    everything = data_of(given, "all", PartitionConfig())
    whole = trained(given, "all", everything, None)
    rows["all"] = scored(whole, everything)
    for count in CURVE:
        rows[f"{count} texts"] = scored(trained(given, str(count), everything, count), everything)
    for name, partition in HELD.items():
        place = data_of(given, name, partition)
        rows[name] = scored(trained(given, name, place, None), place)
        rows[f"{name}: seen"] = scored(whole, place)
    write_results("sections_transfer", {"machine": machine("torch"), "seed": SEED, "rows": rows})
    for name, figures in rows.items():
        cells = (figures[one] for one in ("doc_pass", "bnd_f1", "span_exact_f1", "col_mac_f1"))
        shown = " | ".join(f"{cell['mean']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]" for cell in cells)
        sys.stdout.write(f"| {name} | {figures['doc_pass']['n']} | {shown} |\n")


def data_of(given: argparse.Namespace, name: str, partition: PartitionConfig) -> Path:
    """The decisions, divided."""
    place: Path = given.work / f"data {name}"
    config = SectionDataConfig(partition=partition)
    build_section_data(given.decisions, place, config, seed=SEED, splits=given.splits, outside=given.outside)
    return place


def trained(given: argparse.Namespace, name: str, data: Path, count: int | None) -> Path:
    """A sectioner of one member."""
    place: Path = given.work / f"model {name}"
    config = SegmentConfig(train_decisions=count, sentences=SentencesConfig(members=1))
    train_sectioner(data, place, config, seed=SEED, work=given.work / "trainings")
    return place


def scored(model: Path, data: Path) -> dict[str, dict[str, float]]:
    """Measures on the test decisions, without the texts outside."""
    gold = [one for one in read_decisions(data / "test.jsonl") if one.sections]
    found = load_sectioner(model).read([one.model_copy(update={"sections": ()}) for one in gold])
    tallies = [tally(a, b) for a, b in zip(gold, found, strict=True)]
    return with_intervals(tallies, resamples=2_000, seed=SEED)


if __name__ == "__main__":
    main()
