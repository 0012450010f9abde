"""Masked language models fill places: against a computation by hand."""

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.base.protocols import MaskFiller
from mecelle.models.masked import _around, load_mask_filler

SENTENCE = "kiracı [MASK] öder."


def by_hand(folder, text: str, masked: list[int], position: int) -> float:
    """log p of the token at `position` of `text`, with the tokens at `masked` hidden."""
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    target = int(ids[0, position])
    ids[0, masked] = tokenizer.mask_token_id
    with torch.inference_mode():
        logits = AutoModelForMaskedLM.from_pretrained(folder)(input_ids=ids).logits
    return float(torch.log_softmax(logits[0, position].float(), dim=-1)[target])


@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_scores_are_sums_over_the_tokens_of_the_option(masked_folder, batch_size):
    filler = load_mask_filler(masked_folder, batch_size=batch_size)
    assert isinstance(filler, MaskFiller)
    scores = filler.score_options(SENTENCE, ["kira", "bedelini"])  # one token, and bedel ##ini
    one = by_hand(masked_folder, "kiracı kira öder.", [2], 2)
    text = "kiracı bedelini öder."
    two = by_hand(masked_folder, text, [2, 3], 2) + by_hand(masked_folder, text, [3], 3)
    np.testing.assert_allclose(scores, [one, two], atol=1e-4)


def test_one_at_a_time_hides_one_token(masked_folder):
    filler = load_mask_filler(masked_folder, scoring="one_at_a_time")
    text = "kiracı bedelini öder."
    expected = by_hand(masked_folder, text, [2], 2) + by_hand(masked_folder, text, [3], 3)
    np.testing.assert_allclose(filler.score_options(SENTENCE, ["bedelini"]), [expected], atol=1e-4)
    assert filler.fingerprint != load_mask_filler(masked_folder).fingerprint


def test_all_single_tokens_are_a_distribution(masked_folder):
    filler = load_mask_filler(masked_folder)
    options = [token for token in filler.tokenizer.get_vocab() if token.isalpha()]
    total = np.exp(filler.score_options(SENTENCE, options)).sum()
    assert 0 < total <= 1


@pytest.mark.parametrize("place", [0, 20, 40])
def test_long_sentences_are_shortened_around_the_place(masked_folder, place):
    words = ["mahkeme"] * 41
    words[place] = "[MASK]"
    filler = load_mask_filler(masked_folder)
    scores = filler.score_options(" ".join(words), ["kira", "karar"])
    assert np.isfinite(scores).all()
    assert scores[0] != scores[1]
    assert filler.truncated_texts == 2


@pytest.mark.parametrize("start", range(1, 38))
def test_the_option_stays_in_the_window(start):
    ids, left, right = _around(list(range(40)), start, start + 2, 10)
    assert ids[left:right] == [start, start + 1]
    assert (len(ids), ids[0], ids[-1]) == (10, 0, 39)
    assert ids[1:-1] == list(range(ids[1], ids[1] + 8))


def test_an_option_longer_than_the_model_reads(masked_folder):
    with pytest.raises(InputError, match="does not fit in 24 tokens"):
        load_mask_filler(masked_folder).score_options(SENTENCE, ["kira " * 30])


@pytest.mark.parametrize("sentence", ["kira", "[MASK] ve [MASK]"])
def test_the_place_stands_once(masked_folder, sentence):
    with pytest.raises(InputError, match="expected once"):
        load_mask_filler(masked_folder).score_options(sentence, ["kira"])


def test_an_option_needs_a_token(masked_folder):
    with pytest.raises(InputError, match="no token of its own"):
        load_mask_filler(masked_folder).score_options(SENTENCE, [" "])


def test_an_embedding_model_has_no_head(embedding_folder):
    with pytest.raises(ArtifactError, match="without its masked-LM head"):
        load_mask_filler(embedding_folder)


def test_a_folder_that_does_not_load(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="does not load as a masked language model"):
        load_mask_filler(tmp_path)
