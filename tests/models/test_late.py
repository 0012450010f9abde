"""Late interaction under threads. What it learns and finds: tests/embedding/test_late.py."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mecelle.models.late import LateInteraction


def test_one_thread_at_a_time_encodes(tmp_path, monkeypatch):
    inside, most = 0, 0

    class Model:
        """Counts the threads in it: its tokenizer is cut for queries or for documents, never for both."""

        def __init__(self, *_, **__) -> None:
            pass

        def encode_query(self, texts, **_):
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            time.sleep(0.02)
            inside -= 1
            return [np.zeros((1, 2)) for _ in texts]

        encode_document = encode_query

    monkeypatch.setattr("sentence_transformers.MultiVectorEncoder", Model)
    model = LateInteraction(tmp_path, name="late")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda role: model.encode(["kira"], role=role), ["query", "document"] * 2))
    assert len(found) == 4
    assert most == 1
