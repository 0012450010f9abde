from pathlib import Path
from typing import Any

import pytest

from mecelle.base.artifacts import read_marker
from mecelle.base.collection import read_documents, read_jsonl
from mecelle.base.config import parse
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, InputError, MismatchError
from mecelle.corpus.build import CorpusConfig, build
from mecelle.corpus.privacy.keys import Key, KeySource, read_key
from mecelle.corpus.privacy.mask import Masker, Masking, key_fingerprint, mask_identifiers
from mecelle.corpus.privacy.reveal import Revealer, reveal

TEXT = "Davacı Ahmet Yılmaz (TCKN 10000000146, tel: 0532 123 45 67), Ak Mah. No: 3 Sivas; yine 10000000146."
SECRET, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def source(tmp_path: Path) -> KeySource:
    (tmp_path / "key").write_text(SECRET)
    return KeySource(file=tmp_path / "key")


def test_tags_by_default_and_nothing_to_undo_them() -> None:
    masked, rows = mask_identifiers(TEXT, Masking())
    assert masked == "Davacı Ahmet Yılmaz (TCKN [TCKN], tel: [TELEFON]), [ADRES]; yine [TCKN]."
    assert all(set(row) == {"kind", "start", "end"} for row in rows)
    with pytest.raises(InputError, match="had no key"):
        Revealer(Key(bytes(32))).text(masked, rows, document_id="")


def test_kinds_and_names_are_chosen() -> None:
    assert mask_identifiers(TEXT, Masking(kinds=("phone",)))[0] == TEXT.replace("0532 123 45 67", "[TELEFON]")
    assert mask_identifiers(TEXT, Masking(kinds=(), names=True))[0] == TEXT.replace("Ahmet Yılmaz", "[AD]")
    assert mask_identifiers(TEXT, Masking(kinds=("name",)))[0] == TEXT.replace("Ahmet Yılmaz", "[AD]")
    assert mask_identifiers(TEXT, Masking(kinds=())) == (TEXT, [])
    assert parse(Masking, {"kinds": ["tckn"]}, where="x").kinds == ("tckn",)


@pytest.mark.parametrize("style", ["tags", "pseudonyms"])
def test_the_key_brings_the_text_back(source: KeySource, style: Any) -> None:
    masked, rows = Masker(Masking(style=style, names=True, key=source)).mask(TEXT, document_id="d")
    assert not any(value in masked for value in ("Ahmet", "Yılmaz", "10000000146", "0532 123", "Sivas"))
    assert Revealer(read_key(source)).text(masked, rows, document_id="d") == TEXT


def test_pseudonyms_are_consistent(source: KeySource) -> None:
    masked, _ = Masker(Masking(style="pseudonyms", key=source)).mask(TEXT, document_id="d")
    number = masked.split("TCKN ")[1][:11]
    assert masked.endswith(f"yine {number}.")
    assert (
        Masker(Masking(style="pseudonyms", key=source)).mask("TCKN 10000000146", document_id="e")[0] == f"TCKN {number}"
    )


def test_seals_open_only_with_the_right_key_in_the_right_document(source: KeySource) -> None:
    masked, rows = Masker(Masking(key=source)).mask(TEXT, document_id="d")
    right = Revealer(read_key(source))
    with pytest.raises(MismatchError, match="key is not the one"):
        Revealer(Key(bytes.fromhex(OTHER))).text(masked, rows, document_id="d")
    with pytest.raises(MismatchError, match="another document"):
        right.text(masked, rows, document_id="e")
    with pytest.raises(MismatchError, match="no stand-in"):
        right.text("!" + masked, rows, document_id="d")
    with pytest.raises(InputError, match="no sealed value"):
        right.text(masked, [rows[0] | {"sealed": "?"}], document_id="d")
    again = Masker(Masking(key=source)).mask(TEXT, document_id="e")[1]
    assert not {row["sealed"] for row in rows} & {row["sealed"] for row in again}  # equal values do not show


def test_pseudonyms_without_a_key_are_refused(monkeypatch: pytest.MonkeyPatch, source: KeySource) -> None:
    monkeypatch.delenv("MECELLE_PRIVACY_KEY", raising=False)
    with pytest.raises(ConfigError, match="no key"):
        Masker(Masking(style="pseudonyms"))
    with pytest.raises(ConfigError, match="no key"):
        key_fingerprint(Masking(style="pseudonyms"))
    assert key_fingerprint(Masking()) == ""
    assert len(key_fingerprint(Masking(key=source))) == 8


def test_a_corpus_comes_back_and_does_not_hold_the_key(
    tmp_path: Path, documents: list[Document], make: Any, source: KeySource
) -> None:
    config = CorpusConfig(privacy=Masking(style="pseudonyms", names=True, key=source))
    collection = make.collection(tmp_path / "in", documents)
    build(collection, tmp_path / "plain", CorpusConfig(privacy=Masking(kinds=())), seed=7)
    for name in ("masked", "again"):
        build(collection, tmp_path / name, config, seed=7)

    before, after = (list(read_documents(tmp_path / name)) for name in ("plain", "masked"))
    assert [one.text for one in before] != [one.text for one in after]
    restored = list(reveal(tmp_path / "masked", read_key(source)))
    assert [(one.id, one.text) for one in restored] == [(one.id, one.text) for one in before]
    assert read_marker(tmp_path / "masked").files == read_marker(tmp_path / "again").files
    assert all("sealed" in row for row in read_jsonl(tmp_path / "masked" / "identifiers.jsonl"))
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "key":
            assert SECRET.encode() not in path.read_bytes()
            assert bytes.fromhex(SECRET) not in path.read_bytes()
