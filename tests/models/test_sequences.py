"""Windows and batches."""

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.models import sequences
from mecelle.models.placing import owners_of
from mecelle.models.sequences import Query, _batches, ask, bytes_before, windows


@pytest.mark.parametrize("tokens", [0, 1, 7, 8, 9, 30])
@pytest.mark.parametrize("stride", [1, 3, 8])
def test_every_token_is_scored_once_in_the_first_window_that_holds_it(tokens, stride):
    found = windows(tokens, size=8, stride=stride)
    assert [at for _, end, first in found for at in range(first, end)] == list(range(tokens))
    assert all(start <= first <= end <= start + 8 for start, end, first in found)


def test_without_a_stride_there_is_one_window():
    assert windows(30, size=8, stride=None) == [(0, 8, 0)]


@pytest.mark.parametrize(("size", "stride"), [(0, None), (8, 0), (8, 9)])
def test_impossible_windows(size, stride):
    with pytest.raises(InputError, match="between 1 and the window"):
        windows(30, size=size, stride=stride)


@pytest.mark.parametrize(
    ("places", "most_places", "expected"),
    [(0, 1, [[4], [1, 2, 3], [0, 5]]), (1, 2, [[4], [1, 2], [3, 0], [5]]), (3, 2, [[4], [1], [2], [3], [0], [5]])],
)
def test_batches_are_bounded_by_rows_tokens_and_places(monkeypatch, places, most_places, expected):
    monkeypatch.setattr(sequences, "MOST_TOKENS", 150)
    queries = [Query([0] * length, [0] * places, [0] * places) for length in [3, 50, 7, 7, 120, 1]]
    assert list(_batches(queries, most_rows=3, most_places=most_places)) == expected


FAMILIES = {
    "modernbert": ("ModernBert", "MaskedLM", {"pad_token_id": 0}),
    "bert": ("Bert", "MaskedLM", {}),
    "roberta": ("Roberta", "MaskedLM", {"pad_token_id": 0}),
    "distilbert": ("DistilBert", "MaskedLM", {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48}),
    "electra": ("Electra", "MaskedLM", {"embedding_size": 16}),
    "deberta": ("DebertaV2", "MaskedLM", {"legacy": False}),
    "xlm": ("XLMRoberta", "MaskedLM", {"pad_token_id": 0}),
    "qwen3": ("Qwen3", "CausalLM", {"num_key_value_heads": 2, "head_dim": 16}),
    "llama": ("Llama", "CausalLM", {}),
    "gpt2": ("GPT2", "LMHeadModel", {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64}),
    "gemma2": ("Gemma2", "CausalLM", {"num_key_value_heads": 2, "head_dim": 16, "final_logit_softcapping": 3.0}),
}
"""Class of transformers, its head, and what of its configuration is called otherwise."""


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_at_the_places_asked_are_those_of_the_whole_sequence(family):
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    name, head, settings = FAMILIES[family]
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    torch.manual_seed(3)
    config = getattr(transformers, f"{name}Config")(**{"vocab_size": 40, "initializer_range": 0.4} | sizes | settings)
    model = getattr(transformers, f"{name}For{head}" if head != "LMHeadModel" else "GPT2LMHeadModel")(config).eval()
    queries = [Query([5, 6, 7, 8, 9], [1, 3], [4, 2]), Query([9, 8, 7], [2], [1]), Query([3, 4], [], [])]

    found = ask(model, queries, lambda log_PV, _targets: log_PV, pad=0, device="cpu", batch_size=2)

    for query, log_PV in zip(queries, found, strict=True):
        with torch.inference_mode():
            logits_TV = model(input_ids=torch.tensor([query.ids])).logits[0]
        expected = torch.log_softmax(logits_TV[query.places].float(), dim=-1)
        np.testing.assert_allclose(log_PV, expected.numpy(), atol=2e-5)
    assert not model.get_output_embeddings()._forward_pre_hooks


def test_logits_that_are_infinite_are_told():
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=40, **sizes)).eval()
    with torch.no_grad():
        model.get_output_embeddings().bias[3] = torch.inf
    with pytest.raises(InputError, match="gives NaN"):
        ask(model, [Query([5, 6], [1], [1])], lambda log_PV, _: log_PV, pad=0, device="cpu", batch_size=1)


def test_bytes():
    assert bytes_before("öde", [0, 1, 3]) == [0, 2, 4]


def test_tokens_belong_to_the_span_they_lie_in():
    offsets = [(0, 0), (0, 3), (3, 6), (7, 9), (9, 12), (0, 0)]
    assert owners_of(offsets, [(7, 9), (2, 5)]) == [-1, 1, 1, 0, -1, -1]
