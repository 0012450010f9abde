"""`mecelle check` of a workspace that goes on from a model of the user's own: its size counts, not the parameters'."""

from pathlib import Path

import pytest
from transformers import BertConfig, GPT2Config, LlamaConfig, PreTrainedConfig

from mecelle.embedding.conversion.adapt import AdaptConfig
from mecelle.recipes import workspace
from mecelle.recipes.catalogue import find
from mecelle.recipes.check import Estimate, check
from mecelle.recipes.graph import Inputs

SMALL_BERT = BertConfig(hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=256)
SMALL_LLAMA = LlamaConfig(
    vocab_size=1_000, hidden_size=128, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
    intermediate_size=256, max_position_embeddings=4_096,
)  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("Kira sözleşmesi. " * 1_000, encoding="utf-8")
    return tmp_path / "data"


def estimates(
    recipe: str, data: Path, initial: str | None, *, scale: str = "gpu", variants: dict[str, str] | None = None
) -> dict[str, Estimate]:
    """What `check` says of each stage of a new workspace."""
    folder, found, chosen = data.parent / "workspace", find(recipe), variants or {}
    general = (data,) if "general" in found.takes else ()
    given = Inputs(data=(data,), general=general, initial=initial)
    inputs, _ = found.inputs(recipe, scale, given, chosen)
    workspace.write(
        folder, name=recipe, scale=scale, title=found.title, recipe=found.recipe(scale, chosen),
        stages=found.stages(inputs), force=True,
    )  # fmt: skip
    return {one.stage: one for one in check(folder)}


def checked(recipe: str, data: Path, initial: str | None) -> Estimate:
    """The training of a workspace for one card."""
    stage = {"hukukbert": "adapt", "mecellem-decoder": "decoder", "house": "embedding"}[recipe]
    return estimates(recipe, data, initial)[stage]


@pytest.mark.parametrize(("recipe", "config"), [("hukukbert", SMALL_BERT), ("mecellem-decoder", SMALL_LLAMA)])
def test_the_size_of_the_model_that_is_given_counts(recipe: str, config: PreTrainedConfig, data: Path) -> None:
    usual = checked(recipe, data, None)
    config.save_pretrained(data.parent / "own")
    own = checked(recipe, data, str(data.parent / "own"))
    assert own.seconds is not None
    assert usual.seconds is not None
    assert own.gib is not None
    assert usual.gib is not None
    assert own.seconds < usual.seconds / 20
    assert own.gib < usual.gib / 2


@pytest.mark.parametrize("recipe", ["hukukbert", "mecellem-decoder"])
def test_of_a_model_that_is_not_here_nothing_is_said(recipe: str, data: Path) -> None:
    found = checked(recipe, data, "somebody/model")
    assert found.seconds is None
    assert "by the size of somebody/model" in found.assumption


def test_a_family_of_other_parts_is_not_guessed(data: Path) -> None:
    GPT2Config().save_pretrained(data.parent / "own")
    assert checked("mecellem-decoder", data, str(data.parent / "own")).seconds is None


def test_an_embedding_is_trained_on_as_many_pairs_as_the_text_gives(data: Path) -> None:
    found = checked("house", data, None)
    assert found.volume.startswith("13 pairs in 1 steps"), "17,000 bytes of text, one pair in 1,200 characters kept"
    assert found.seconds is not None
    assert found.seconds > 0


@pytest.mark.parametrize(("scale", "said"), [("laptop", "measured here just now"), ("gpu", "1 x A100 80 GB")])
@pytest.mark.parametrize(("start", "config"), [("encoder", SMALL_BERT), ("decoder", SMALL_LLAMA)])
def test_an_embedding_model_takes_as_long_as_the_folder_that_it_begins_with(
    start: str, config: PreTrainedConfig, scale: str, said: str, data: Path
) -> None:
    config.save_pretrained(data.parent / "own")
    of_decoder = {"start": "decoder"} if start == "decoder" else {}
    found = estimates("mecellem-embedding", data, str(data.parent / "own"), scale=scale, variants=of_decoder)
    for stage in ("single_stage", "embedding", "adapt") if of_decoder else ("embedding",):
        assert said in found[stage].assumption
        assert found[stage].seconds
        assert found[stage].gib
    if of_decoder:
        recipe = find("mecellem-embedding").recipe(scale, of_decoder)
        asked: AdaptConfig = recipe.adapt_converted  # type: ignore[attr-defined]
        tokens = asked.steps * asked.batch * asked.sequence_length
        assert found["adapt"].volume == f"{tokens / 1e6:,.1f} M tokens in {asked.steps:,} steps"
        assert found["convert"].assumption == found["merge"].assumption == "seconds"


def test_an_embedding_model_that_begins_with_another_family_is_not_guessed(data: Path) -> None:
    GPT2Config().save_pretrained(data.parent / "own")
    found = estimates("mecellem-embedding", data, str(data.parent / "own"), scale="laptop")["embedding"]
    assert found.seconds is None
    assert found.assumption == f"by the size of {data.parent / 'own'}"
