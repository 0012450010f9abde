"""Word vectors are the means of the hidden states of their tokens."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoModel, BertConfig, BertModel, PreTrainedTokenizerFast

from mecelle.models.word_vectors import WordVectors

VOCABULARY = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "dava", "##cı", "##nın", "ev", "##i", "sattı")
TEXTS = ["davacının evi", "ev"]
SPANS = [[(0, 9), (10, 13)], [(0, 2)]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=8,
    )  # fmt: skip
    BertModel(config).save_pretrained(place)
    words = {word: number for number, word in enumerate(VOCABULARY)}
    backend = Tokenizer(models.WordPiece(vocab=words, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=backend, **special).save_pretrained(place)
    return place


def states(folder: Path, layer: int) -> np.ndarray:
    """Of "davacının evi": [CLS] dava cı nın ev i [SEP]."""
    with torch.inference_mode():
        output = AutoModel.from_pretrained(folder).eval()(
            torch.tensor([[2, 4, 5, 6, 7, 8, 3]]), output_hidden_states=True
        )
    return output.hidden_states[layer][0].numpy()


@pytest.mark.parametrize(("depth", "layer"), [(0.0, 0), (0.5, 1), (1.0, 2)])
def test_means_of_tokens(folder: Path, depth: float, layer: int) -> None:
    first, second = WordVectors(folder, layer=depth).encode(TEXTS, SPANS)
    expected = states(folder, layer)
    np.testing.assert_allclose(first, [expected[1:4].mean(axis=0), expected[4:6].mean(axis=0)], atol=1e-5)
    alone = WordVectors(folder, layer=depth).encode(TEXTS[1:], SPANS[1:])
    np.testing.assert_allclose(second, alone[0], atol=1e-5, err_msg="padding is felt")


def test_a_word_that_is_not_read_has_no_vector(folder: Path) -> None:
    text = "davacının davacının davacının"
    (found,) = WordVectors(folder, layer=1.0).encode([text], [[(0, 9), (10, 19), (20, 29)]])
    assert np.isfinite(found[:2]).all()
    assert np.isnan(found[2]).all()


def test_fingerprint_tells_layers_apart(folder: Path) -> None:
    assert WordVectors(folder, layer=1.0).fingerprint != WordVectors(folder, layer=0.5).fingerprint


def test_of_a_roberta_the_rows_up_to_its_padding_are_no_positions(roberta_folder: Path) -> None:
    (vectors,) = WordVectors(roberta_folder, layer=1.0).encode(["kira " * 30], [[(0, 4), (145, 149)]])
    assert np.isfinite(vectors).all(axis=1).tolist() == [True, False]
