"""The recipes of embedding models: whole at every scale and in every variant, and run on the sample."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError
from mecelle.cli.main import app
from mecelle.decoder.shapes import QWEN3_1_7B, QWEN3_4B, QWEN3_VOCABULARY, DecoderShape
from mecelle.decoder.shapes import parameters as parameters_of
from mecelle.embedding.config import EmbeddingConfig
from mecelle.embedding.losses import LOSSES
from mecelle.embedding.stages.named import ORDERS
from mecelle.models.packaged import PACKAGED
from mecelle.recipes import check
from mecelle.recipes.catalogue import find
from mecelle.recipes.embedding_check import PARAMETERS, embedding_stage, first_model, take
from mecelle.recipes.graph import Inputs, Stage
from mecelle.recipes.mecellem_embedding import LOSS_NAMES, MecellemEmbedding
from mecelle.recipes.scale import SCALES
from mecelle.recipes.turkembed4retrieval import GTE

MURSIT = "newmindai/Mursit-Base"
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
LAW = {"data": (Path("law"),), "nli": Path("nli.csv"), "sts": Path("sts.csv")}
VARIANTS = [
    *(("mecellem-embedding", "loss", one) for one in LOSS_NAMES),
    ("mecellem-embedding", "start", "decoder"),
    ("mecellem-embedding", "guide", "e5"),
    *(("turkembed4retrieval", "order", one) for one in ORDERS),
]


def graph(name: str, scale: str, variants: dict[str, str] | None = None, **given: object) -> tuple[Stage, ...]:
    found = find(name)
    wanted = {key: value for key, value in given.items() if key in {"data", *found.takes}}
    inputs, _ = found.inputs(name, scale, Inputs.model_validate({"data": (), **wanted}), variants or {})
    return found.stages(inputs)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("name", "key", "value"), VARIANTS)
def test_every_scale_and_variant_has_a_whole_graph(name: str, key: str, value: str, scale: str) -> None:
    found = find(name)
    given = {} if found.supply(scale) else LAW
    parameters = found.recipe(scale, {key: value})
    known, made = set(type(parameters).model_fields), set[str]()
    for stage in graph(name, scale, {key: value}, **given):
        inside = {path for path in stage.reads if path.startswith("artifacts/")}
        assert inside <= made, stage.name
        assert set(stage.parameters) <= known, stage.name
        if stage.name != "report":
            assert all(path in stage.command for path in stage.reads), stage.name
        made.add(stage.makes)
        config = embedding_stage(parameters, stage.command)
        if config:
            assert LOSSES.get(config.loss).guided == ("--guide" in stage.command)


def test_orders_train_in_order_and_forgetting_asks_all() -> None:
    for name, order in ORDERS.items():
        stages = {stage.name: stage for stage in graph("turkembed4retrieval", "laptop", {"order": name}, **LAW)}
        trained = [stage for stage in stages if stage in ("nli", "sts", "retrieval")]
        assert tuple(trained) == order
        starts = [stages[one].command.split()[3] for one in order]
        assert starts == ["artifacts/encoder", *(f"artifacts/{one}" for one in order[:-1])]
        assert all(f"{one}=artifacts/{one}" in stages["forgetting"].command for one in order)
    with pytest.raises(ConfigError, match="stage 'nli' needs a file of pairs: give --nli"):
        graph("turkembed4retrieval", "laptop", data=(Path("law"),))
    without = graph("turkembed4retrieval", "laptop", {"order": "retrieval_only"}, data=(Path("law"),))
    assert not {"nli_pairs", "sts_pairs"} & {stage.name for stage in without}


def test_further_stages_stand_behind_retrieval_and_keep_its_pairs() -> None:
    tables = {"qa": Path("q.csv"), "ranking": Path("r.csv")}
    stages = {stage.name: stage for stage in graph("turkembed4retrieval", "laptop", **LAW, **tables)}
    trained = [stage for stage in stages if stage in ("nli", "sts", "retrieval", "qa", "ranking")]
    assert trained == ["nli", "sts", "retrieval", "qa", "ranking"]
    assert stages["qa"].command.startswith("mecelle embedding train artifacts/retrieval --pairs artifacts/qa_kept ")
    assert stages["ranking"].command.startswith("mecelle embedding train artifacts/qa --pairs artifacts/ranking_kept ")
    blended = "mecelle embedding blend qa=artifacts/qa_pairs retrieval=artifacts/negatives "
    assert stages["qa_kept"].command.startswith(blended)
    assert "ranking=artifacts/ranking --out" in stages["forgetting"].command
    assert "--pairs qa=artifacts/qa_pairs" in stages["forgetting"].command
    asked = stages["evaluation"].command
    assert "embedding=artifacts/ranking " in asked
    assert "retrieval=artifacts/retrieval " in asked
    alone = {stage.name for stage in graph("turkembed4retrieval", "laptop", **LAW, qa=Path("q.csv"))}
    assert "qa" in alone
    assert not {"ranking", "ranking_pairs", "ranking_kept"} & alone
    with pytest.raises(ConfigError, match="--qa: recipe 'mecellem-embedding' takes no such thing"):
        find("mecellem-embedding").inputs("mecellem-embedding", "laptop", Inputs(data=(), qa=Path("q.csv")), {})


def test_a_decoder_is_converted_adapted_trained_and_merged() -> None:
    stages = {stage.name: stage for stage in graph("mecellem-embedding", "laptop", {"start": "decoder"}, **LAW)}
    given = {name: stage.command.split()[2:5] for name, stage in stages.items()}
    assert "encoder" not in stages
    assert given["convert"][:2] == ["convert", "artifacts/decoder"]
    assert given["adapt"][:2] == ["adapt", "artifacts/decoder"]
    assert given["single_stage"][:2] == ["train", "artifacts/converted"]
    assert given["embedding"][:2] == ["train", "artifacts/adapted"]
    assert stages["single_stage"].parameters == stages["embedding"].parameters, "they differ in their start alone"
    assert given["merge"] == ["merge", "artifacts/single_stage", "artifacts/embedding"]
    asked = dict(word.split("=") for word in stages["evaluation"].command.split() if "=" in word)
    assert {name: place.removeprefix("artifacts/") for name, place in asked.items()} == {
        "embedding": "merged", "encoder": "converted", "single_stage": "single_stage", "several_stages": "embedding",
    }  # fmt: skip
    assert find("mecellem-embedding").recipe("laptop", {"start": "decoder"}).tokenizer.algorithm == "bpe.v1"
    by_hub_id = {stage.name: stage for stage in graph("mecellem-embedding", "paper", {"start": "decoder"})}
    assert "embedding convert newmindai/Mecellem-Qwen3-1.7B-TR " in by_hub_id["convert"].command
    assert not {"adapt", "merge"} & set(by_hub_id), "there is no text to adapt it on"
    assert set(stages) <= set(find("mecellem-embedding").versions())


TABLE_6 = """
                  Base (155M)   Large (403M)
Per-GPU Batch     48            48
Gradient Accum.   4             12
Effective Batch   768           2,304
Sequence Length   1,024         2,048
Temperature       0.05          0.05
"""
TABLE_10 = """
                  1.7B CPT      4B CPT
Per-GPU Batch     8             2
Gradient Accum.   8             16
Effective Batch   256           128
Sequence Length   1,024         1,024
Temperature       0.05          0.05
"""
"""Mecellem, word for word but for the headings and "Gradient Accumulation", "Max Sequence Length ... tokens"."""


@pytest.mark.parametrize("size", ["base", "large"])
@pytest.mark.parametrize(("start", "printed", "rate"), [("encoder", TABLE_6, 2e-5), ("decoder", TABLE_10, 5e-6)])
def test_the_papers_scale_is_the_papers_tables(start: str, printed: str, rate: float, size: str) -> None:
    """The rates and the four cards are of the text (§3.3.5, §3.4.9)."""
    lines = (line.replace(",", "").rsplit(maxsplit=2) for line in printed.strip().splitlines()[1:])
    told = {name: float(values[size == "large"]) for name, *values in lines}
    variants = {"start": start, "size": size}
    of_paper, of_card = (find("mecellem-embedding").recipe(scale, variants) for scale in ("paper", "gpu"))
    assert isinstance(of_paper, MecellemEmbedding)
    assert isinstance(of_card, MecellemEmbedding)
    made = of_paper.embedding
    assert made.batch == 4 * told["Per-GPU Batch"]
    assert made.accumulation == told["Gradient Accum."]
    assert made.batch * made.accumulation == told["Effective Batch"]
    assert made.max_length == of_paper.evaluation.max_length == of_paper.convert.max_length == told["Sequence Length"]
    assert of_paper.adapt_converted.max_length == told["Sequence Length"], "it is what the adapted model reads later"
    assert made.temperature == told["Temperature"]
    assert (made.learning_rate, made.weight_decay, made.epochs, made.most_steps) == (rate, 0.01, 1.0, None)
    alike = {"chunk": None, "most_steps": None}
    assert of_card.embedding.chunk == told["Per-GPU Batch"]
    assert of_card.embedding.model_copy(update=alike) == made
    assert of_card.evaluation == of_paper.evaluation
    pairs = (of_card.embedding.most_steps or 0) * told["Effective Batch"]
    assert pairs / 920_106 == pytest.approx(0.1, abs=told["Effective Batch"] / 920_106)


RETRIEVERS = ("mecellem-embedding", "turkembed4retrieval")
PACKAGED_GUIDES = {"use": "package:use", "e5": "package:e5"}
HUB_GUIDES = {"bge-m3": "BAAI/bge-m3", "embeddinggemma": "google/embeddinggemma-300m"}


@pytest.mark.parametrize("scale", SCALES)
def test_a_guide_that_is_asked_for_guides_or_is_refused(scale: str) -> None:
    def guided_by(variants: dict[str, str]) -> str:
        parameters = find("mecellem-embedding").recipe(scale, variants)
        assert isinstance(parameters, MecellemEmbedding)
        return parameters.guide.model

    assert {*PACKAGED_GUIDES, *HUB_GUIDES} == set(find("mecellem-embedding").variants["guide"])
    below = scale in ("smoke", "laptop")
    assert guided_by({}) == ("package:use" if below else "BAAI/bge-m3")
    for name, model in (PACKAGED_GUIDES if below else PACKAGED_GUIDES | HUB_GUIDES).items():
        assert guided_by({"guide": name}) == model
    for name in HUB_GUIDES if below else ():
        with pytest.raises(ConfigError, match=f"guide={name}: at scale {scale} allowed are use and e5.*--scale gpu"):
            guided_by({"guide": name})
    for loss in (name for name, registered in LOSS_NAMES.items() if not LOSSES.get(registered).guided):
        with pytest.raises(ConfigError, match=f"guide=e5: the loss '{loss}' asks no guide; those that do: gist"):
            guided_by({"guide": "e5", "loss": loss})


def test_mecellem_mines_no_negatives_and_turkembed_does() -> None:
    """Mecellem's are those of the batch and of triplets (§3.3.5)."""
    mined = {name: "negatives" in {one.name for one in graph(name, "laptop", **LAW)} for name in RETRIEVERS}
    assert mined == {"mecellem-embedding": False, "turkembed4retrieval": True}


@pytest.mark.parametrize("model", PACKAGED_GUIDES.values())
def test_guides_of_a_laptop_are_in_packages(model: str) -> None:
    assert callable(PACKAGED.get(model.removeprefix("package:")))


def test_the_time_of_a_guide_is_that_of_the_guide() -> None:
    recipe = find("mecellem-embedding").recipe
    chosen = (("laptop", "use"), ("laptop", "e5"), ("gpu", "bge-m3"))
    use, e5, unknown = (check._guide(recipe(scale, {"guide": name}), 1e6) for scale, name in chosen)
    assert unknown.seconds is unknown.gib is None
    assert (e5.seconds or 0) > 5 * (use.seconds or 1e9)
    assert (e5.gib or 0) > (use.gib or 1e9)


def test_defaults_that_are_said_to_be_the_papers_are() -> None:
    default = EmbeddingConfig()
    told = (default.batch, default.accumulation, default.learning_rate, default.weight_decay, default.temperature)
    assert told == (48, 4, 2e-5, 0.01, 0.05)


def test_sizes_are_of_the_papers_models() -> None:
    begin = {
        (start, size): find("mecellem-embedding").initial("paper", start=start, size=size)
        for start in ("encoder", "decoder")
        for size in ("base", "large")
    }
    assert begin == {
        ("encoder", "base"): MURSIT,
        ("encoder", "large"): "newmindai/Mursit-Large",
        ("decoder", "base"): "newmindai/Mecellem-Qwen3-1.7B-TR",
        ("decoder", "large"): "newmindai/Mecellem-Qwen3-4B-TR",
    }
    for scale in ("smoke", "laptop"):
        with pytest.raises(ConfigError, match=f"size=large: at scale {scale} .* are for the scales gpu and paper"):
            find("mecellem-embedding").recipe(scale, {"size": "large"})


@pytest.mark.parametrize(("name", "model"), [("mecellem-embedding", MURSIT), ("turkembed4retrieval", GTE)])
def test_hub_models_and_tables_need_no_documents(name: str, model: str) -> None:
    stages = {stage.name: stage for stage in graph(name, "paper")}
    assert not {"extract", "tokenizer", "encoder"} & set(stages)
    assert first_model(stage.command for stage in stages.values()) == model
    assert "data/pairs.hub.yaml" in stages["pairs"].command
    assert "negatives" not in stages  # triplets bring their own
    with pytest.raises(ConfigError, match="give one with --initial, or documents to train one from with --data"):
        graph(name, "laptop", pairs=Path("pairs.csv"))
    with pytest.raises(ConfigError, match="give documents with --data"):
        graph(name, "laptop")


def nowhere(start: str) -> None:
    """No model is here."""


def test_estimates_are_of_the_model_and_the_cards() -> None:
    config = find("mecellem-embedding").recipe("paper").embedding  # type: ignore[attr-defined]
    found = take(config, start=MURSIT, scale="paper", here=nowhere)
    assert found.volume.startswith("920,106 pairs in 1,199 steps")
    tokens = 920_106 * (8.2 + 2 * 69.9)  # the limit of 1,024 is far beyond such texts
    assert found.seconds == pytest.approx(tokens * 6 * 155e6 / (4 * 989e12 * 0.25))
    of_law = take(config, start=MURSIT, scale="paper", at_hand=1_000, here=nowhere)
    assert of_law.volume == "1,000 pairs in 2 steps, 0.2 M tokens", "articles are shorter than 0.6 of 1,024 tokens"
    unknown = take(config, start="somebody/model", scale="paper", here=nowhere)
    assert unknown.seconds is None


@pytest.mark.parametrize("scale", ["gpu", "paper"])
@pytest.mark.parametrize(("size", "shape"), [("base", QWEN3_1_7B), ("large", QWEN3_4B)])
def test_a_converted_decoder_is_estimated_by_the_decoder(scale: str, size: str, shape: DecoderShape) -> None:
    """Without documents by the triplets of the hub, with them by their pairs: of both trainings before the merge."""
    variants = {"start": "decoder", "size": size}
    parameters = find("mecellem-embedding").recipe(scale, variants)
    for given, trainings in (({}, ["embedding"]), (LAW, ["single_stage", "embedding"])):
        stages = graph("mecellem-embedding", scale, variants, **given)
        start = first_model(stage.command for stage in stages)
        assert PARAMETERS[start] == pytest.approx(parameters_of(shape, vocabulary=QWEN3_VOCABULARY), rel=1e-3)
        found = {stage.name: embedding_stage(parameters, stage.command) for stage in stages}
        assert [name for name, config in found.items() if config] == trainings
        for config in filter(None, found.values()):
            taken = take(config, start=start, scale=scale, here=nowhere)
            encoder = take(config, start=MURSIT, scale=scale, here=nowhere)
            assert taken.volume == encoder.volume
            assert taken.seconds
            assert encoder.seconds
            assert taken.seconds / encoder.seconds == pytest.approx(PARAMETERS[start] / 155e6)


def test_check_tells_the_time_of_a_converted_decoder(tmp_path: Path) -> None:
    new = ["new", "mecellem-embedding", str(tmp_path / "w"), "--scale", "gpu", "--variant", "start=decoder"]
    assert CliRunner().invoke(app, new).exit_code == 0
    done = CliRunner().invoke(app, ["check", "--workspace", str(tmp_path / "w")])
    row = next(row for row in json.loads(done.stdout.splitlines()[0]) if row["stage"] == "embedding")
    assert ", 1720 M parameters on 1 x " in row["assumption"]
    assert row["seconds"] > 60


def mecelle(*arguments: object, folder: Path) -> str:
    command = [str(BIN / "mecelle"), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "last", "variant"),
    [
        ("mecellem-embedding", "embedding", ()),
        ("mecellem-embedding", "merged", ("--variant", "start=decoder")),
        ("turkembed4retrieval", "retrieval", ()),
        ("turkembed4retrieval", "ranking", ("--qa", "table.jsonl", "--ranking", "table.jsonl")),
    ],
)
def test_the_whole_recipe_on_the_sample(name: str, last: str, variant: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "workspace"
    rows = [
        {"query": f"{number}. madde neyi düzenler?", "document": f"Süre {number} gündür.", "negative": "Ceza verilir."}
        for number in range(60)
    ]
    (tmp_path / "table.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    mecelle("new", name, place, "--scale", "smoke", *variant, folder=tmp_path)
    checked = {row["stage"]: row for row in json.loads(mecelle("check", folder=place))}
    assert checked["decoder" if last == "merged" else last]["seconds"] > 0
    mecelle("run", folder=place)
    artifacts.verify(place / "artifacts" / last)
    card = (place / "artifacts" / last / "README.md").read_text(encoding="utf-8")
    assert ("merged by slerp" if last == "merged" else "pairs") in card
    assert (place / "report.html").exists()
    if last == "retrieval":
        asked = json.loads((place / "artifacts" / "forgetting" / "forgetting.json").read_bytes())
        assert {row["model"] for row in asked} == {"begin", "nli", "sts", "retrieval", "retrieval@32"}
        assert {row["measure"] for row in asked} == {"spearman", "own_nearer", "mrr@10"}
    assert "Running stage" not in mecelle("run", folder=place)
