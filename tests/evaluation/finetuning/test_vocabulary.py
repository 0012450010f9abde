"""A model with the rows that it needs is the same model, and learns the same."""

from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification

from mecelle.evaluation.finetuning.vocabulary import only_rows

IDS = torch.tensor([[2, 7, 9, 3], [2, 11, 3, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])


def load(folder: Path) -> BertForSequenceClassification:
    torch.manual_seed(0)
    return BertForSequenceClassification.from_pretrained(folder).eval()


def learn(model: BertForSequenceClassification) -> None:
    rows = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0)
    for _ in range(3):
        rows.zero_grad()
        model(IDS, attention_mask=MASK, labels=torch.tensor([0, 1])).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        rows.step()


def test_it_learns_the_same_and_has_all_rows_afterwards(tiny_encoder: Path):
    whole, cut, untouched = (load(tiny_encoder) for _ in range(3))
    learn(whole)
    with only_rows(cut, IDS.flatten().tolist()):
        assert cut.get_input_embeddings().weight.shape[0] == 6
        assert torch.equal(cut(IDS).logits, untouched(IDS).logits)
        learn(cut)
    for (name, a), (other, b) in zip(whole.named_parameters(), cut.named_parameters(), strict=True):
        assert name == other
        torch.testing.assert_close(a, b)
    before, after = (model.get_input_embeddings().weight for model in (untouched, cut))
    changed = (before != after).any(dim=1).nonzero().flatten().tolist()
    assert changed == [2, 3, 7, 9, 11]  # 0 is padding, which learns nothing


def test_a_token_that_was_not_named_is_an_error(tiny_encoder: Path):
    model = load(tiny_encoder)
    with only_rows(model, [2, 3, 7]), pytest.raises(IndexError):
        model(torch.tensor([[2, 8, 3]]))
    assert model.get_input_embeddings().weight.shape[0] > 30
