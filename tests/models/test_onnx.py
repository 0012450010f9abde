"""Exported models: what the tokenizer does around the graph. The graph itself: tests/embedding/test_export.py."""

import numpy as np
import pytest

from mecelle.embedding.export.onnx import ExportConfig, export_onnx
from mecelle.models.names import load_encoder
from mecelle.models.onnx import OnnxEncoder


class Session:
    """In place of a graph: remembers how wide the texts were."""

    widths: list[int]

    def __init__(self, *_, **__) -> None:
        self.widths = []

    def run(self, _, inputs):
        self.widths.append(inputs["input_ids"].shape[1])
        return [np.ones((len(inputs["input_ids"]), 4), dtype=np.float32)]


def test_texts_are_cut_and_counted_without_switching_a_tokenizer(tiny_tokenizer, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    import tokenizers

    fixed = False

    class Unswitched:
        """A tokenizer that threads share: nobody may switch it once it is loaded."""

        def __init__(self, own) -> None:
            self.own = own

        @classmethod
        def from_file(cls, path):
            return cls(tokenizers_Tokenizer.from_file(path))

        def __getattr__(self, name):
            assert not (fixed and name in ("no_truncation", "enable_truncation", "no_padding", "enable_padding"))
            return getattr(self.own, name)

    tokenizers_Tokenizer = tokenizers.Tokenizer
    tiny_tokenizer.save_pretrained(tmp_path)
    monkeypatch.setattr("tokenizers.Tokenizer", Unswitched)
    monkeypatch.setattr("onnxruntime.InferenceSession", Session)
    encoder = OnnxEncoder(tmp_path, name="exported", max_length=6)
    fixed = True
    assert encoder.encode(["kira " * 50, "kira", "kira " * 5]).shape == (3, 4)
    assert encoder.truncated_texts == 2
    assert max(encoder._session.widths) == 6


def test_the_graph_of_a_roberta_takes_no_more_than_its_positions(roberta_folder, tmp_path):
    export_onnx(roberta_folder, tmp_path / "graph", ExportConfig())
    exported = load_encoder(tmp_path / "graph", threads=1)
    assert exported.max_length == 20
    long = "kira bedeli ödenmezse tahliye davası açılır " * 9
    np.testing.assert_allclose(exported.encode([long]), load_encoder(roberta_folder).encode([long]), atol=1e-4)
