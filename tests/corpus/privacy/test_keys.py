from pathlib import Path

import pytest

from mecelle.base.errors import ConfigError
from mecelle.corpus.privacy.keys import Key, KeySource, read_key

SECRET = "0123456789abcdef" * 4


def test_file_and_variable_give_the_same_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    monkeypatch.setenv("MECELLE_PRIVACY_KEY", SECRET)
    from_file = read_key(KeySource(file=tmp_path / "key"))
    assert from_file.derive("seals") == read_key(KeySource()).derive("seals")
    assert len(from_file.fingerprint) == 8


def test_purposes_and_keys_are_apart() -> None:
    one, other = Key(b"a" * 32), Key(b"b" * 32)
    assert len({one.derive("seals"), one.derive("pseudonyms"), other.derive("seals")}) == 3
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("abc", "3 characters"), ("g" * 64, "64 hexadecimal")]
)
def test_bad_key_files_are_refused_without_quoting_them(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(ConfigError, match=words) as error:
        read_key(KeySource(file=tmp_path / "key"))
    assert "token_hex" in str(error.value)
    assert content is None or len(content) < 4 or content not in str(error.value)


def test_absent_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MECELLE_PRIVACY_KEY", raising=False)
    with pytest.raises(ConfigError, match="MECELLE_PRIVACY_KEY is not set"):
        read_key(KeySource())


def test_the_key_is_not_shown() -> None:
    assert "a" * 8 not in repr(Key(b"a" * 32))
