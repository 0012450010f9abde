"""Causal models score texts: against transformers' own loss."""

from pathlib import Path

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.base.protocols import TextScorer
from mecelle.models.causal import load_text_scorer
from mecelle.models.language import load_language_model
from mecelle.models.masked import MaskedModel

TEXTS = [
    "kiracı kira bedelini öder.",
    "mahkeme karar verir",
    "sözleşme fesih",
    "fesih kira karar mahkeme bedelini kiracı",
]


@pytest.fixture(scope="module")
def causal_folders(tiny_tokenizer, tmp_path_factory) -> dict[bool, Path]:
    """With a token for the beginning of a text, and without one: the same two layers of random weights."""
    import copy

    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tiny_tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=24, pad_token_id=3, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.3)
    folders = {}
    for starts in (True, False):
        folders[starts] = tmp_path_factory.mktemp("causal") / "model"
        tokenizer = copy.deepcopy(tiny_tokenizer)
        if starts:
            tokenizer.bos_token = "[CLS]"
        model.save_pretrained(folders[starts])
        tokenizer.save_pretrained(folders[starts])
    return folders


def direct(folder: Path, text: str, *, starts: bool, context: int = 24) -> tuple[float, int]:
    """Mean nats per token by transformers' own loss, and the tokens it is of."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = [1] * starts + tokenizer(text, add_special_tokens=False)["input_ids"]
    row = torch.tensor([ids[:context]])
    with torch.inference_mode():
        return float(AutoModelForCausalLM.from_pretrained(folder)(input_ids=row, labels=row).loss), len(row[0]) - 1


@pytest.mark.parametrize("starts", [True, False])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_agrees_with_transformers(causal_folders, starts, batch_size):
    scorer = load_text_scorer(causal_folders[starts], batch_size=batch_size)
    assert isinstance(scorer, TextScorer)
    found = scorer.score_texts(TEXTS, context=24)
    expected = [direct(causal_folders[starts], text, starts=starts) for text in TEXTS]
    assert found.tokens.tolist() == [count for _, count in expected]
    np.testing.assert_allclose(found.nats / found.tokens, [mean for mean, _ in expected], rtol=1e-6, atol=1e-6)


def test_bytes_are_those_of_the_scored_tokens(causal_folders):
    text = "kiracı ödedi"
    with_start, without = (
        load_text_scorer(causal_folders[one]).score_texts([text], context=24) for one in (True, False)
    )
    assert with_start.bytes.tolist() == [len(text.encode())]
    assert without.bytes.tolist() == [len(" ödedi".encode())]


def test_a_context_cuts(causal_folders):
    scorer = load_text_scorer(causal_folders[True])
    found = scorer.score_texts([TEXTS[3]], context=4)
    mean, count = direct(causal_folders[True], TEXTS[3], starts=True, context=4)
    assert (found.tokens[0], scorer.truncated_texts) == (count, 1) == (3, 1)
    assert found.nats[0] / 3 == pytest.approx(mean, rel=1e-6)
    assert found.bytes[0] == len("fesih kira karar")


@pytest.mark.parametrize("starts", [True, False])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_windows_score_each_token_once(causal_folders, starts, stride):
    scorer = load_text_scorer(causal_folders[starts])
    whole, slid = scorer.score_texts(TEXTS, context=24), scorer.score_texts(TEXTS, context=4, stride=stride)
    assert slid.tokens.tolist() == whole.tokens.tolist()
    assert slid.bytes.tolist() == whole.bytes.tolist()
    short = [number for number, count in enumerate(whole.tokens) if count <= 3]
    np.testing.assert_allclose(slid.nats[short], whole.nats[short], rtol=1e-6)
    assert slid.nats[3] != pytest.approx(whole.nats[3], rel=1e-3)


def test_empty_texts_have_no_tokens(causal_folders):
    found = load_text_scorer(causal_folders[False]).score_texts(["", "kira"], context=24)
    assert found.tokens.tolist() == found.bytes.tolist() == [0, 0]
    assert found.nats.tolist() == [0.0, 0.0]


def test_a_stride_beyond_the_window(causal_folders):
    with pytest.raises(InputError, match="between 1 and the window"):
        load_text_scorer(causal_folders[True]).score_texts(TEXTS, context=4, stride=9)


def test_damaged_weights_are_told(causal_folders):
    import torch

    scorer = load_text_scorer(causal_folders[True])
    with torch.no_grad():
        scorer.model.lm_head.weight[0, 0] = float("nan")
    with pytest.raises(InputError, match="NaN"):
        scorer.score_texts(TEXTS, context=24)


def test_a_name_becomes_the_model_that_its_configuration_says(causal_folders, masked_folder, embedding_folder):
    assert load_language_model(causal_folders[True]).likelihood == "likelihood"
    assert isinstance(load_language_model(masked_folder), MaskedModel)
    with pytest.raises(ArtifactError, match="no language model"):
        load_language_model(embedding_folder)
