"""`mecelle check` of a workspace that goes on from a model of the user's own: its size counts, not the parameters'."""

from pathlib import Path

import pytest
from transformers import BertConfig, GPT2Config, LlamaConfig, PreTrainedConfig

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


def checked(recipe: str, data: Path, initial: str | None) -> Estimate:
    """The training of a workspace for one card."""
    folder, found = data.parent / "workspace", find(recipe)
    general = (data,) if "general" in found.takes else ()
    given = Inputs(data=(data,), general=general, initial=initial)
    inputs, _ = found.inputs(recipe, "gpu", given, {})
    workspace.write(
        folder, name=recipe, scale="gpu", title=found.title, recipe=found.recipe("gpu", {}),
        stages=found.stages(inputs), force=True,
    )  # fmt: skip
    stage = {"hukukbert": "adapt", "mecellem-decoder": "decoder", "house": "embedding"}[recipe]
    return next(one for one in check(folder) if one.stage == stage)


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
