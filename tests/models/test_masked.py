"""Masked language models fill places: against a computation by hand."""

import numpy as np
import pytest

from mecelle.base.errors import ArtifactError, InputError
from mecelle.base.protocols import MaskFiller, TextScorer
from mecelle.models.masked import load_mask_filler
from mecelle.models.placing import around

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


def options_of(filler, options: list[str], sentence: str = SENTENCE, **how):
    return filler.score_options([sentence], [options], **how)[0]


@pytest.mark.parametrize("batch_size", [1, 3, 32])
def test_scores_are_sums_over_the_tokens_of_the_option(masked_folder, batch_size):
    filler = load_mask_filler(masked_folder, batch_size=batch_size)
    assert isinstance(filler, MaskFiller)
    assert isinstance(filler, TextScorer)
    found = options_of(filler, ["kira", "bedelini"])  # one token, and bedel ##ini
    one = by_hand(masked_folder, "kiracı kira öder.", [2], 2)
    text = "kiracı bedelini öder."
    two = by_hand(masked_folder, text, [2, 3], 2) + by_hand(masked_folder, text, [3], 3)
    np.testing.assert_allclose(found.nats, [one, two], atol=1e-4)
    assert found.tokens.tolist() == [1, 2]


def test_many_sentences_at_once(masked_folder):
    filler = load_mask_filler(masked_folder)
    sentences, options = [SENTENCE, "mahkeme [MASK] verir."], [["kira", "bedelini"], ["karar", "fesih", "kira"]]
    both = filler.score_options(sentences, options)
    for sentence, own, found in zip(sentences, options, both, strict=True):
        np.testing.assert_allclose(found.nats, options_of(filler, own, sentence).nats, atol=1e-4)


def test_one_at_a_time_hides_one_token(masked_folder):
    text = "kiracı bedelini öder."
    expected = by_hand(masked_folder, text, [2], 2) + by_hand(masked_folder, text, [3], 3)
    found = options_of(load_mask_filler(masked_folder), ["bedelini"], scoring="one_at_a_time")
    np.testing.assert_allclose(found.nats, [expected], atol=1e-4)


def test_independent_hides_all_tokens_of_the_option(masked_folder):
    text = "kiracı bedelini öder."
    expected = by_hand(masked_folder, text, [2, 3], 2) + by_hand(masked_folder, text, [2, 3], 3)
    found = options_of(load_mask_filler(masked_folder), ["bedelini"], scoring="independent")
    np.testing.assert_allclose(found.nats, [expected], atol=1e-4)


def test_left_to_right_stays_within_the_word(masked_folder):
    text = "kiracı kira bedelini öder."  # kira | bedel ##ini: the second word is no secret while the first is scored
    expected = by_hand(masked_folder, text, [2], 2) + by_hand(masked_folder, text, [3, 4], 3)
    expected += by_hand(masked_folder, text, [4], 4)
    found = options_of(load_mask_filler(masked_folder), ["kira bedelini"], scoring="word_left_to_right")
    np.testing.assert_allclose(found.nats, [expected], atol=1e-4)


def test_all_single_tokens_are_a_distribution(masked_folder):
    filler = load_mask_filler(masked_folder)
    options = [token for token in filler.tokenizer.get_vocab() if token.isalpha()]
    assert 0 < np.exp(options_of(filler, options).nats).sum() <= 1


def test_fill_gives_the_best_options(masked_folder):
    filler = load_mask_filler(masked_folder)
    best = filler.fill(SENTENCE, k=len(filler.tokenizer))
    assert [p for _, p in best] == sorted((p for _, p in best), reverse=True)
    assert sum(p for _, p in best) == pytest.approx(1, abs=1e-5)
    found = dict(best)
    assert found["kira"] == pytest.approx(np.exp(options_of(filler, ["kira"]).nats[0]), rel=1e-4)
    assert "##ler" in found


@pytest.mark.parametrize("place", [0, 20, 40])
def test_long_sentences_are_shortened_around_the_place(masked_folder, place):
    words = ["mahkeme"] * 41
    words[place] = "[MASK]"
    filler = load_mask_filler(masked_folder)
    scores = options_of(filler, ["kira", "karar"], " ".join(words)).nats
    assert np.isfinite(scores).all()
    assert scores[0] != scores[1]
    assert filler.truncated_texts == 2


TEXT = "kiracı bedelini mahkeme kararı öder."  # kiracı | bedel ##ini | mahkeme | karar ##ı | öde ##r .


def test_spans_are_predicted_together(masked_folder):
    filler = load_mask_filler(masked_folder)
    spans = [(7, 15), (16, 23)]
    size = len(filler.tokenizer)
    all_right = filler.predict_spans([TEXT], [spans], [["masked", "masked"]], k=size, seed=1)[0]
    assert all_right.tokens.tolist() == all_right.among.tolist() == [2, 1]

    hidden = [2, 3, 4]
    ids = filler.tokenizer(TEXT)["input_ids"]
    best = []
    for place in hidden:
        logits = one_of(masked_folder, hidden, place)
        best.append(logits.index(max(logits)) == ids[place])
    assert all_right.first.tolist() == [sum(best[:2]), int(best[2])]


def test_kept_spans_are_shown_and_masked_ones_are_not(masked_folder, monkeypatch):
    filler = load_mask_filler(masked_folder)
    shown = []
    monkeypatch.setattr(
        filler,
        "_ask",
        lambda queries, read: shown.extend(queries) or [np.zeros((len(q.places), 2), int) for q in queries],
    )
    spans, fates = [(0, 6), (7, 15), (16, 23)], ["kept", "masked", "random"]
    filler.predict_spans([TEXT], [spans], [fates], k=5, seed=3)
    ids = filler.tokenizer(TEXT)["input_ids"]
    mask = filler.tokenizer.mask_token_id
    assert list(shown[0].ids[:4]) == [ids[0], ids[1], mask, mask]
    assert shown[0].ids[4] not in filler.tokenizer.all_special_ids
    assert list(shown[0].targets) == ids[1:5]
    filler.predict_spans([TEXT], [spans], [fates], k=5, seed=3)
    assert shown[0].ids == shown[1].ids


def test_spans_beyond_what_the_model_reads_have_no_tokens(masked_folder):
    filler = load_mask_filler(masked_folder)
    text = "mahkeme " * 30 + "kira"
    found = filler.predict_spans([text], [[(0, 7), (240, 244)]], [["masked", "masked"]], k=5, seed=1)[0]
    assert found.tokens.tolist() == [1, 0]
    assert filler.truncated_texts == 1


def test_texts_by_pseudo_log_likelihood(masked_folder):
    filler = load_mask_filler(masked_folder)
    text = "kiracı bedelini öder."  # [CLS] kiracı bedel ##ini öde ##r . [SEP]
    hidden = [([1], 1), ([2, 3], 2), ([3], 3), ([4, 5], 4), ([5], 5), ([6], 6)]
    found = filler.score_texts([text, "kira"], context=24)
    expected = -sum(by_hand(masked_folder, text, masked, place) for masked, place in hidden)
    np.testing.assert_allclose(found.nats, [expected, -by_hand(masked_folder, "kira", [1], 1)], atol=1e-4)
    assert found.tokens.tolist() == [6, 1]
    assert found.bytes.tolist() == [len(text.encode()), 4]


def test_texts_longer_than_the_context(masked_folder):
    filler = load_mask_filler(masked_folder)
    text = "mahkeme kira karar fesih"
    cut = filler.score_texts([text], context=4)  # two specials, two words
    assert (cut.tokens[0], cut.bytes[0], filler.truncated_texts) == (2, len("mahkeme kira"), 1)
    np.testing.assert_allclose(cut.nats, filler.score_texts(["mahkeme kira"], context=4).nats, atol=1e-5)
    whole = filler.score_texts([text], context=4, stride=2)
    assert (whole.tokens[0], whole.bytes[0]) == (4, len(text))
    rest = filler.score_texts(["karar fesih"], context=4)
    np.testing.assert_allclose(whole.nats, cut.nats + rest.nats, atol=1e-5)


def test_case_is_known(masked_folder):
    assert load_mask_filler(masked_folder).cased


def one_of(folder, masked: list[int], position: int):
    """The distribution at `position` of TEXT, with the tokens at `masked` hidden."""
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    ids[0, masked] = tokenizer.mask_token_id
    with torch.inference_mode():
        return AutoModelForMaskedLM.from_pretrained(folder)(input_ids=ids).logits[0, position].tolist()


@pytest.mark.parametrize("start", range(1, 38))
def test_the_option_stays_in_the_window(start):
    ids, left, right = around(list(range(40)), start, start + 2, 10)
    assert ids[left:right] == [start, start + 1]
    assert (len(ids), ids[0], ids[-1]) == (10, 0, 39)
    assert ids[1:-1] == list(range(ids[1], ids[1] + 8))


def test_an_option_longer_than_the_model_reads(masked_folder):
    with pytest.raises(InputError, match="does not fit in 24 tokens"):
        options_of(load_mask_filler(masked_folder), ["kira " * 30])


@pytest.mark.parametrize("sentence", ["kira", "[MASK] ve [MASK]"])
def test_the_place_stands_once(masked_folder, sentence):
    with pytest.raises(InputError, match="expected once"):
        options_of(load_mask_filler(masked_folder), ["kira"], sentence)


def test_an_option_needs_a_token(masked_folder):
    with pytest.raises(InputError, match="no token of its own"):
        options_of(load_mask_filler(masked_folder), [" "])


def test_an_embedding_model_has_no_head(embedding_folder):
    with pytest.raises(ArtifactError, match="without its masked-LM head"):
        load_mask_filler(embedding_folder)


def test_a_folder_that_does_not_load(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="does not load as a masked language model"):
        load_mask_filler(tmp_path)


def test_of_a_roberta_the_rows_up_to_its_padding_are_no_positions(roberta_folder):
    filler = load_mask_filler(roberta_folder)
    assert filler.max_length == 20
    text = "kira " * 30
    (hits,) = filler.predict_spans([text], [[(0, len(text))]], [["masked"]], k=2, seed=1)
    assert hits.tokens.tolist() == [18]
