"""The recipes of the two encoder papers: every scale holds, graphs are whole, variants change the data alone."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import torch

from mecelle.base.config import read_yaml
from mecelle.base.errors import ConfigError
from mecelle.corpus.filters.language import Language
from mecelle.embedding.losses import LOSSES
from mecelle.encoder.shapes import MECELLEM_BASE, MECELLEM_LARGE, Shape, empty_model
from mecelle.recipes.catalogue import find
from mecelle.recipes.embedding_sources import MSMARCO, MSMARCO_PAIRS
from mecelle.recipes.encoder_check import cluster, encoder_configs, speed
from mecelle.recipes.generations import corpora, write_sources
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.mecellem_encoder import VARIANTS
from mecelle.recipes.scale import DATA_WORKERS, SCALES
from mecelle.recipes.supply import cloze_items
from mecelle.sample.generate import generate
from mecelle.sample.records import SampleSize
from mecelle.training.schedules import SCHEDULES

ENCODERS = ("hukukbert", "mecellem-encoder")


def check_graph(stages: tuple[Stage, ...], known: set[str]) -> None:
    """Every stage reads what is made before it or given from outside, and its parameters are sections."""
    made: set[str] = set()
    for stage in stages:
        inside = {path for path in stage.reads if path.startswith("artifacts/")}
        assert inside <= made, stage.name
        assert all(path in stage.command for path in stage.reads)
        assert set(stage.parameters) <= known, stage.name
        made.add(stage.makes)
    assert len({stage.makes for stage in stages}) == len(stages)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_has_a_whole_graph(name: str, scale: str) -> None:
    found = find(name)
    known = set(type(found.recipe(scale)).model_fields)
    some = Path("data")
    given = Inputs(data=() if found.supply(scale) else (some,), general=(some,) if name == "hukukbert" else ())
    inputs, _ = found.inputs(name, scale, given, {})
    stages = [stage for stage in found.stages(inputs) if stage.name != "report"]
    check_graph(tuple(stages), known)


@pytest.mark.parametrize("scale", ["gpu", "paper"])
def test_mecellem_s_rate_falls_in_a_straight_line(scale: str) -> None:
    config = find("mecellem-encoder").recipe(scale).encoder  # type: ignore[attr-defined]
    weight = torch.nn.Parameter(torch.zeros(1))
    schedule = SCHEDULES.get(config.schedule)(
        torch.optim.SGD([weight], lr=1.0), steps=100, warmup_share=config.warmup_share, decay_share=config.decay_share
    )
    fall = 100 - round(100 * config.decay_share)
    rates = [schedule.lr_lambdas[0](step) for step in (fall, (fall + 100) // 2, 100)]
    assert rates == pytest.approx([1, 0.5, 0])


@pytest.mark.parametrize(
    ("size", "shape", "length", "rate", "parameters"),
    [("base", MECELLEM_BASE, 1_024, 5e-4, 155), ("large", MECELLEM_LARGE, 2_048, 8e-4, 403)],
)
def test_sizes_are_those_of_tables_4_and_5(size: str, shape: Shape, length: int, rate: float, parameters: int) -> None:
    for scale in ("gpu", "paper"):
        found: Any = find("mecellem-encoder").recipe(scale, {"size": size})
        config, words = found.encoder, found.tokenizer.vocab_size
        assert (config.shape, config.sequence_length, config.learning_rate) == (shape, length, rate)
        model = empty_model(shape, vocabulary=words).base_model  # the paper counts no head
        assert sum(one.numel() for one in model.parameters()) // 1_000_000 == parameters
        on = cluster("mecellem-encoder", scale, config)
        assert on
        assert "do not fit" not in speed(config, vocabulary=words, on=on).assumption
        assert config.rows_per_step % (config.rows_per_batch * on.cards) == 0
    assert find("mecellem-encoder").recipe("paper") == find("mecellem-encoder").recipe("paper", {"size": "base"})


@pytest.mark.parametrize("scale", ["smoke", "laptop"])
def test_a_size_is_refused_where_there_is_one(scale: str) -> None:
    with pytest.raises(ConfigError, match="size=large: sizes are of the paper's models, at the scales gpu and paper"):
        find("mecellem-encoder").recipe(scale, {"size": "large"})


def test_cards_do_not_wait_for_masks() -> None:
    workers = {
        (name, scale): [one.data_workers for one in encoder_configs(find(name).recipe(scale)).values() if one.snapshots]
        for name in ENCODERS
        for scale in SCALES
    }
    assert workers == {
        (name, scale): [DATA_WORKERS if scale in ("gpu", "paper") else 0] for name in ENCODERS for scale in SCALES
    }


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("scale", SCALES)
def test_checkpoints_are_trained_shortly_before_they_are_asked(name: str, scale: str) -> None:
    found = find(name)
    some = {"queries": Path("q"), "heldout": Path("h"), "initial": "m" if name == "hukukbert" else None}
    inputs, _ = found.inputs(name, scale, Inputs.model_validate({"data": (Path("law"),), **some}), {})
    stages = found.stages(inputs)
    check_graph(tuple(stage for stage in stages if stage.name != "report"), set(type(found.recipe(scale)).model_fields))
    by_name = {stage.name: stage for stage in stages}
    assert by_name["pairs"].command.startswith("mecelle embedding pairs artifacts/training ")
    assert "--exclude q " in by_name["pairs"].command, "questions that are scored would be trained on"
    assert "--pairs artifacts/pairs " in by_name["choice"].command
    recipe: Any = found.recipe(scale)
    training = recipe.choice.post_training
    assert not LOSSES.get(training.loss).guided, "no stage makes a guide"
    assert training.max_length <= getattr(recipe, "adapt" if name == "hukukbert" else "encoder").shape.positions
    table = found.stages(inputs.model_copy(update={"pairs": Path("p.csv")}))
    assert "mecelle embedding import p.csv " in next(stage.command for stage in table if stage.name == "pairs")
    without = found.stages(inputs.model_copy(update={"queries": None}))
    assert not {"pairs", "choice"} & {stage.name for stage in without}


@pytest.mark.parametrize(("size", "pairs", "length"), [("base", 768, 1_024), ("large", 2_304, 2_048)])
def test_the_paper_s_post_training_is_that_of_its_table_6(size: str, pairs: int, length: int) -> None:
    short: dict[str, Any] = {}
    for scale in ("gpu", "paper"):
        recipe: Any = find("mecellem-encoder").recipe(scale, {"size": size})
        short[scale] = recipe.choice.post_training
        assert short[scale].batch * short[scale].accumulation == pairs
        assert (short[scale].learning_rate, short[scale].max_length) == (2e-5, length)
        assert short[scale].chunk == 48, "one card does what four do"
    assert short["paper"].most_steps * pairs == pytest.approx(MSMARCO_PAIRS, rel=0.01)
    assert short["gpu"].most_steps / short["paper"].most_steps == pytest.approx(0.1, rel=0.01)


def test_with_the_paper_s_sources_come_its_pairs(tmp_path: Path) -> None:
    found = find("mecellem-encoder")
    given = Inputs(data=(), queries=Path("q"), heldout=Path("h"))
    inputs, supply = found.inputs("mecellem-encoder", "paper", given, {})
    assert supply
    supply.write(tmp_path)
    (pairs,) = (stage for stage in found.stages(inputs) if stage.name == "pairs")
    assert pairs.command.startswith("mecelle embedding import data/pairs.hub.yaml ")
    assert read_yaml(tmp_path / "data" / "pairs.hub.yaml") == dict(MSMARCO)
    assert (tmp_path / "data" / "fineweb2.hub.yaml").exists()


def test_hukukbert_takes_an_encoder_from_the_hub_in_the_place_of_general_text() -> None:
    found = find("hukukbert")
    inputs, _ = found.inputs("hukukbert", "paper", Inputs(data=(Path("law"),)), {})
    assert inputs.initial == "dbmdz/bert-base-turkish-128k-cased"
    names = [stage.name for stage in found.stages(inputs)]
    assert not [name for name in names if name.startswith("general_")]
    with pytest.raises(ConfigError, match="--initial, or text for one with --general"):
        found.inputs("hukukbert", "laptop", Inputs(data=(Path("law"),)), {})


def test_inputs_that_a_recipe_does_not_take_are_refused() -> None:
    with pytest.raises(ConfigError, match="--cloze: recipe 'house' takes no such thing"):
        find("house").inputs("house", "smoke", Inputs(data=(Path("a"),), cloze=Path("b")), {})
    with pytest.raises(ConfigError, match="give documents with --data"):
        find("mecellem-encoder").inputs("mecellem-encoder", "laptop", Inputs(data=()), {})
    with pytest.raises(ConfigError, match="give documents with --data"):  # an encoder reads no pairs
        find("mecellem-encoder").inputs("mecellem-encoder", "laptop", Inputs(data=(), pairs=Path("p.csv")), {})


def test_a_language_is_a_change_of_data_and_filters(tmp_path: Path) -> None:
    found = find("mecellem-encoder")
    turkish, finnish = (found.recipe("paper", {"language": language}) for language in ("tr", "fi"))
    differing = {name for name in type(turkish).model_fields if getattr(turkish, name) != getattr(finnish, name)}
    assert differing == {"corpus"}
    (language,) = [one for one in finnish.corpus.filters if isinstance(one, Language)]  # type: ignore[attr-defined]
    assert language.languages == ("fi", "fin_Latn")
    assert not [one for one in finnish.corpus.filters if one.filter == "function_words.v1"]  # type: ignore[attr-defined]
    write_sources(tmp_path, "v4", "fi")
    fineweb = read_yaml(tmp_path / "data" / "fineweb2.hub.yaml")
    assert fineweb == {"dataset": "HuggingFaceFW/fineweb-2", "config": "fin_Latn"}
    assert "data/supreme_court/" in (tmp_path / "data" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="language 'fr' is not known"):
        found.recipe("paper", {"language": "fr"})


def test_generations_are_those_that_can_be_asked_for() -> None:
    assert set(VARIANTS["generation"]) == set(corpora().generations)
    assert set(VARIANTS["language"]) == set(corpora().languages)
    budgets = [
        find("mecellem-encoder").recipe("paper", {"generation": name}).encoder.budget_tokens  # type: ignore[attr-defined]
        for name in sorted(corpora().generations)
    ]
    assert budgets == sorted(budgets)
    assert budgets[-1] == 112_700_000_000


def test_cloze_items_of_the_sample_hold_their_answer_once() -> None:
    sample = generate(seed=7, size=SampleSize.tiny())
    items = cloze_items(sample, seed=7)
    assert items == cloze_items(sample, seed=7)
    assert len(items) == len(sample.terms)
    for item in items:
        options = item["options"]
        assert isinstance(options, list)
        assert len(set(options)) == 4
        assert item["gold"] in options
        assert str(item["sentence"]).count("[MASK]") == 1
    assert orjson.dumps(items)
