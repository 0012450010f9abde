"""Timing: ratios point the right way, one thread while it lasts."""

import os
import time

from mecelle.tokenizer.measure.speed import speeds
from mecelle.tokenizer.measure.texts import lines_of

TEXTS = [lines_of("kiracı ödedi\n" * 50)]


def test_a_slow_tokenizer_has_a_small_ratio(letters):
    class Slow(letters):
        def encode_ids(self, texts):
            time.sleep(0.02)
            return super().encode_ids(texts)

    found = speeds({"fast": letters(), "slow": Slow()}, TEXTS, baseline="fast", passes=3)
    assert (found["fast"].encode_ratio, found["fast"].decode_ratio) == (None, None)
    assert found["slow"].encode_ratio < 0.5
    assert found["slow"].encode_mb_per_s < found["fast"].encode_mb_per_s
    assert found["slow"].encode_mb_per_s <= len("kiracı ödedi".encode()) * 50 / 1e6 / 0.02


def test_one_thread_and_the_environment_comes_back(letters, monkeypatch):
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")
    seen = []

    class Asking(letters):
        def encode_ids(self, texts):
            seen.append(os.environ["TOKENIZERS_PARALLELISM"])
            return super().encode_ids(texts)

    speeds({"a": Asking()}, TEXTS, baseline="a", passes=2)
    assert seen[-2:] == ["false", "false"]
    assert os.environ["TOKENIZERS_PARALLELISM"] == "true"
