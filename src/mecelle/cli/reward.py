"""`mecelle reward ...`: a model that judges answers by five objectives."""

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from mecelle.cli.common import Device, Out, Params, Seed, Settings, console, finish, parameters, seed_of, told
from mecelle.cli.settings import takes

LOGGER = logging.getLogger(__name__)

app = typer.Typer(help="Judge answers by five legal objectives (Muhakim).", no_args_is_help=True)

Work = Annotated[Path, typer.Option(help="Folder of the backbone's states; a killed run goes on where it was.")]


@app.command(cls=takes("mecelle.reward.pairs.config:RewardPairsConfig"))
@told
def pairs(
    training: Annotated[Path, typer.Argument(help="An artifact of `corpus select`.")],
    out: Out,
    exclude: Annotated[
        list[Path] | None, typer.Option(help="Files of scored questions: their copies are left out.")
    ] = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Make answers of known quality: true ones, and the same damaged in known ways."""
    from mecelle.reward.pairs.build import build_reward_pairs
    from mecelle.reward.pairs.config import RewardPairsConfig

    config = parameters(RewardPairsConfig, params, "reward_pairs", settings, RewardPairsConfig())
    build_reward_pairs(training, out, config, seed=seed_of(seed, params), exclude=exclude or [])
    finish(out)


@app.command(cls=takes("mecelle.reward.config:RewardConfig"))
@told
def train(
    data: Annotated[Path, typer.Argument(help="An artifact of `reward pairs`, or JSONL (question, answer, labels).")],
    backbone: Annotated[str, typer.Option(help="Folder or hub id of a causal language model.")],
    out: Out,
    work: Work,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
    settings: Settings = None,
) -> None:
    """Train heads, gate and length correction on a causal language model (Mecellem Appendix B)."""
    from mecelle.models.loading import usual_device
    from mecelle.reward.config import RewardConfig
    from mecelle.reward.train import train_reward

    config = parameters(RewardConfig, params, "reward", settings, RewardConfig())
    train_reward(data, backbone, out, config, seed=seed_of(seed, params), work=work, device=device or usual_device())
    finish(out)


@app.command()
@told
def score(
    model: Annotated[Path, typer.Argument(help="An artifact of `reward train`.")],
    pairs: Annotated[Path | None, typer.Option(help="JSONL of question, answer and, if wanted, reference.")] = None,
    question: Annotated[str | None, typer.Option(help="One question, in place of --pairs.")] = None,
    answer: Annotated[str | None, typer.Option(help="Its answer.")] = None,
    reference: Annotated[str, typer.Option(help="What stands beside the question.")] = "",
    device: Device = None,
) -> None:
    """Judge answers: score, rewards and weights; a table on a terminal, one JSON object a line when piped."""
    from mecelle.base.errors import ConfigError
    from mecelle.models.loading import usual_device
    from mecelle.reward.conversation import Conversation
    from mecelle.reward.model import RewardModel
    from mecelle.reward.objectives import OBJECTIVES
    from mecelle.reward.reading import read_conversations

    if pairs is None and not (question and answer):
        raise ConfigError("nothing to judge: give --pairs FILE.jsonl, or --question and --answer")
    if pairs is not None and (question or answer):
        raise ConfigError("--pairs and --question both say what to judge; give one of them")
    conversations = read_conversations(pairs) if pairs else [Conversation(question or "", answer or "", reference)]
    reward = RewardModel(model, device=device or usual_device())
    judged = reward.score(conversations)
    if cut := sum(one.truncated for one in judged):
        LOGGER.warning(
            "%d of %d conversations are longer than the %d tokens that %s reads (max_length): their ends were not "
            "judged; shorten them, or train with a larger max_length",
            cut, len(judged), reward.config.max_length, model,
        )  # fmt: skip
    if not sys.stdout.isatty():
        for one in judged:
            sys.stdout.write(orjson.dumps(asdict(one)).decode() + "\n")
        return
    table = Table("answer", "score", *OBJECTIVES, title="Reward, and its weight")
    for conversation, one in zip(conversations, judged, strict=True):
        parts = [f"{one.transformed[name]:.3f} x {one.gating[name]:.2f}" for name in OBJECTIVES]
        table.add_row(conversation.answer[:40], f"{one.score:.3f}", *parts)
    console.print(table)


@app.command()
@told
def measure(
    model: Annotated[Path, typer.Argument(help="An artifact of `reward train`.")],
    data: Annotated[Path, typer.Option(help="An artifact of `reward pairs`, whose held-out answers are judged.")],
    out: Out,
    work: Work,
    device: Device = None,
    seed: Seed = None,
    params: Params = None,
) -> None:
    """Accuracy on pairs of true and damaged answers, by objective and damage; what length explains; weights."""
    from mecelle.evaluation.reward_accuracy import measure as run
    from mecelle.models.loading import usual_device

    figures = run(model, data, out, seed=seed_of(seed, params), work=work, device=device or usual_device())
    if sys.stdout.isatty():
        table = Table("pairs", "by", "n", "accuracy", title="True answers above damaged ones")
        for row in figures["accuracy"]:
            interval = f"{row['accuracy']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
            table.add_row(row["group"], row["by"], str(row["n"]), interval)
        console.print(table)
    finish(out, length=figures["length"])
