"""What the comparisons of trained embedding models share: their arguments, training, scores, and how they are kept."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import DATA, machine, write_results

from mecelle.base.artifacts import read_record
from mecelle.base.errors import MismatchError
from mecelle.evaluation.run import Setting
from mecelle.evaluation.suites import suite
from mecelle.evaluation.tasks.definition import Caps, Source
from mecelle.recipes.embedding_study import (
    Arm,
    rows,
    score_held_out,
    score_tasks,
    table,
    train_arms,
    trained_arms,
)

SPLITS = Path(__file__).parents[1] / "docs" / "splits.json"
CACHE = Path.home() / ".cache" / "mecelle" / "vectors"


def arguments_of(about: str) -> argparse.ArgumentParser:
    """Arguments that all comparisons have."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="encoder to begin with: folder or hub id")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the models; a second call takes what is there"
    )
    parser.add_argument("--trained", action="store_true", help="train nothing: score and table what is in --out")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument(
        "--legal-tasks", nargs="*", default=[], help="tasks of `mecelle evaluate legal`; they are scored on test"
    )
    parser.add_argument("--general-tasks", nargs="*", default=[], help="tasks of `mecelle evaluate mteb-turkish`")
    parser.add_argument("--queries", type=int, default=500, help="queries of a task at most")
    parser.add_argument("--documents", type=int, default=4_000, help="documents of a task at most")
    parser.add_argument("--seed", type=int, default=7, help="of intervals and of what is drawn for tasks")
    parser.add_argument("--name", required=True, help="of the results: benchmarks/results/NAME.json and NAME.md")
    return parser


def study(arms: Sequence[Arm], sets: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Train, score, compare with the first arm, keep."""
    began = time.perf_counter()
    if arguments.trained:
        trained = trained_arms(arms, arguments.seeds, arguments.out)
    else:
        trained = train_arms(arguments.base, arms, arguments.seeds, arguments.out)
    parameters = {arm: _parameters(stages) for (arm, _), stages in trained.items()}
    last = {key: list(stages.values())[-1] for key, stages in trained.items()}
    values = score_held_out(last, sets, cache=CACHE)
    caps = Caps(queries=arguments.queries, documents=arguments.documents)
    setting = Setting(
        out=arguments.out / "records", source=Source(DATA, SPLITS), caps=caps, seed=arguments.seed, cache=CACHE
    )
    tasks: list[Any] = []
    for name, only in (("legal", arguments.legal_tasks), ("mteb-turkish", arguments.general_tasks)):
        tasks += suite(name, hub=False, only=only) if only else []  # type: ignore[arg-type]
    values |= score_tasks(last, tasks, setting)
    found = rows(values, baseline=arms[0].name, seed=arguments.seed)
    text = table(found, baseline=arms[0].name)
    keep(
        arguments,
        {
            "arms": parameters,
            "seconds": round(time.perf_counter() - began, 1),
            "rows": found,
        },
        text,
    )


def _parameters(stages: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Parameters of each stage of a training, as its record has them.

    Raises MismatchError for a training whose pairs did not fill its batch: a row would bear the name of another.
    """
    found = []
    for place in stages.values():
        record = read_record(place)
        assert record is not None, f"{place} has no record"
        wanted, batch = record.parameters["batch"], record.figures["batch"]
        if batch != wanted:
            raise MismatchError(f"{place}: trained in batches of {batch}, not of {wanted}; give more pairs")
        found.append(record.parameters)
    return found


def keep(arguments: argparse.Namespace, figures: dict[str, Any], text: str) -> None:
    """Write figures and table, and print the table."""
    told = {name: str(value) for name, value in vars(arguments).items() if name != "run"}
    here = machine("mecelle", "torch", "sentence-transformers")
    write_results(arguments.name, {"machine": here, "arguments": told, **figures})
    Path(__file__).parent.joinpath("results", f"{arguments.name}.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def named(texts: Sequence[str]) -> dict[str, Path]:
    """`name=path` each."""
    return {name: Path(place) for name, _, place in (text.partition("=") for text in texts)}
