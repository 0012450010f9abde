"""From the command line to tokenizers; every bad place has its own message."""

import time
from types import SimpleNamespace

import pytest
from tokenizers import Tokenizer, models

from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.models import hub
from mecelle.tokenizer.measure import places
from mecelle.tokenizer.measure.places import Place, load, parse_places


def test_names():
    found = parse_places(["ours=a/tokenizer", "b/other", "package:e5", "dbmdz/bert-base-turkish-cased"])
    assert [place.name for place in found] == ["ours", "other", "e5", "bert-base-turkish-cased"]
    assert found[0].where == "a/tokenizer"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "no tokenizer"), (["=a"], "NAME=PLACE"), (["a="], "NAME=PLACE"), (["x=a", "x=b"], "two tokenizers")],
)
def test_lists_that_cannot_be(arguments, message):
    with pytest.raises(ConfigError, match=message):
        parse_places(arguments)


def test_a_file_and_a_folder_are_the_same(tmp_path, wordpiece):
    (tmp_path / "model").mkdir()
    path = tmp_path / "model" / "tokenizer.json"
    wordpiece.enable_truncation(2)
    wordpiece.save(str(path))
    (one, digest), (other, same) = load(Place("a", str(path))), load(Place("b", str(path.parent)))
    assert digest == same is not None
    assert one.encode(["kiracı ödedi."])[0].ids == other.encode(["kiracı ödedi."])[0].ids == [1, 2, 3, 4, 5]


def test_a_folder_with_parts_only_goes_through_transformers(tmp_path):
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nkira\n##cı\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer", "do_lower_case": false}')
    tokenizer, _ = load(Place("a", str(tmp_path)))
    assert tokenizer.encode_ids(["kiracı"]) == [[5, 6]]


def test_a_slow_tokenizer(tmp_path, monkeypatch):
    (tmp_path / "vocab.json").write_text("{}")

    class AutoTokenizer:
        @staticmethod
        def from_pretrained(name):
            return object()

    monkeypatch.setattr("transformers.AutoTokenizer", AutoTokenizer)
    with pytest.raises(ArtifactError, match="slow tokenizer only"):
        load(Place("a", str(tmp_path)))


def test_parts_that_make_no_tokenizer(tmp_path):
    (tmp_path / "tokenizer_config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="transformers makes no tokenizer"):
        load(Place("a", str(tmp_path)))


@pytest.mark.parametrize(
    "where", ["/no/such/place", "./nothing", "nothing.json", "a/b/c", "nope", "a b/c", "folder/x.json"]
)
def test_no_such_place(where):
    with pytest.raises(InputError, match="no such file or folder"):
        load(Place("a", where))


def test_folders_and_files_without_a_tokenizer(tmp_path):
    with pytest.raises(ArtifactError, match="no tokenizer in it"):
        load(Place("a", str(tmp_path)))
    (tmp_path / "o200k.tiktoken").write_text("IQ== 0")
    with pytest.raises(ArtifactError, match="expected a tokenizer"):
        load(Place("a", str(tmp_path / "o200k.tiktoken")))
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ArtifactError, match="not a tokenizer"):
        load(Place("a", str(tmp_path)))


def test_a_hub_id_without_a_hub(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"the hub does not give it.*package:e5"):
        load(Place("a", "nobody/no-such-tokenizer"))


def test_a_hub_that_does_not_answer_is_asked_once_and_for_seconds_only(monkeypatch):
    def hang(*_, **__):
        asked.append(1)
        time.sleep(30)

    asked = []
    hub._answers.cache_clear()
    monkeypatch.setattr("huggingface_hub.utils.get_session", lambda: SimpleNamespace(head=hang))
    clock = time.monotonic()
    for _ in range(2):
        with pytest.raises(InputError, match=r"did not answer within 1\.5 s, and its cache here does not hold it"):
            load(Place("a", "nobody/no-such-tokenizer"))
    hub._answers.cache_clear()
    assert len(asked) == 1
    assert time.monotonic() - clock < 5


def test_a_hub_id_with_only_parts(monkeypatch):
    """The hub has the repository, but no tokenizer.json in it."""
    import huggingface_hub

    monkeypatch.setattr(places, "why_unreachable", lambda: None)

    class Answer:
        status_code, headers, request = 404, {}, None

    def missing(*_, **__):
        raise huggingface_hub.errors.RemoteEntryNotFoundError("404", response=Answer())

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", missing)
    monkeypatch.setattr(places, "_by_transformers", lambda name: Tokenizer(models.BPE({"a": 0}, [])))
    assert load(Place("a", "owner/parts"))[0].vocabulary == 1
