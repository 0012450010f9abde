"""Masked loss of a model whose answer is known: one that finds every token equally likely."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from mecelle.base.collection import read_jsonl
from mecelle.base.seeds import generator
from mecelle.evaluation.tasks.masked_accuracy import MaskedAccuracyConfig, choose
from mecelle.evaluation.tasks.texts import HeldOutText
from mecelle.recipes.choice.masked import score
from mecelle.text.words import word_spans

CONFIG = MaskedAccuracyConfig(rate=0.2)


@pytest.fixture
def indifferent(material: Any, tmp_path: Path) -> Path:
    model = AutoModelForMaskedLM.from_pretrained(material.run)
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(material.run).save_pretrained(tmp_path)
    return tmp_path


@pytest.fixture
def texts(material: Any) -> list[HeldOutText]:
    """Short enough for a model that was trained on rows of 64 tokens, which reads no more."""
    rows = [" ".join(row["text"].split()[:15]) for row in read_jsonl(material.heldout)][:6]
    return [HeldOutText(str(number), "law", text) for number, text in enumerate(rows)]


def test_equal_odds_cost_the_logarithm_of_the_vocabulary(indifferent: Path, texts: list[HeldOutText]) -> None:
    found = score(indifferent, texts, CONFIG, seed=3)
    vocabulary = len(AutoTokenizer.from_pretrained(indifferent))
    assert found.loss.mean == pytest.approx(math.log(vocabulary), abs=1e-5)
    assert found.loss.low == pytest.approx(found.loss.high, abs=1e-5)
    assert found.documents == len(texts)
    size = 0
    for text in texts:
        spans, _ = choose(word_spans(text.text), CONFIG, generator(3, "masks", "word", text.domain, text.id))
        size += sum(len(text.text[left:right].encode()) for left, right in spans)
    assert found.bits_per_byte == pytest.approx(found.tokens * math.log2(vocabulary) / size, rel=1e-5)


def test_a_seed_hides_the_same_words_for_all(material: Any, indifferent: Path, texts: list[HeldOutText]) -> None:
    trained, other = score(material.run, texts, CONFIG, seed=3), score(indifferent, texts, CONFIG, seed=3)
    assert trained.tokens == other.tokens
    assert trained == score(material.run, texts, CONFIG, seed=3)
    assert trained.loss.mean != score(material.run, texts, CONFIG, seed=4).loss.mean
