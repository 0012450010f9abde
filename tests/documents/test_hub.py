"""Hub datasets, proved on a local folder in the hub's layout: the same loader, without a network."""

import socket
from pathlib import Path

import orjson
import pyarrow
import pyarrow.parquet
import pytest
import yaml

from mecelle.base import artifacts
from mecelle.base.collection import read_documents
from mecelle.base.errors import ConfigError
from mecelle.documents.config import ExtractConfig
from mecelle.documents.extract import extract

pytest.importorskip("datasets", reason="datasets is not installed: pip install -e '.[train]'")


@pytest.fixture(autouse=True)
def _offline(monkeypatch, tmp_path):
    """No look at the network, and the library's own cache in a place of the test."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")

    for library in ("datasets.config", "huggingface_hub.constants"):  # else it asks for half a minute
        monkeypatch.setattr(f"{library}.HF_HUB_OFFLINE", True)

    def refuse(*_: object) -> None:
        raise OSError("the test is offline")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two parts, each with its own split, as the hub lays them out."""
    place = tmp_path / "veri"
    place.mkdir()
    for part in ("tur", "aze"):
        table = pyarrow.table({"text": [f"{part} satır {n}" for n in range(5)], "esas_no": ["2024/1"] * 5})
        pyarrow.parquet.write_table(table, place / f"{part}.parquet")
    parts = [{"config_name": part, "data_files": f"{part}.parquet"} for part in ("tur", "aze")]
    (place / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': parts})}---\n", encoding="utf-8")
    return place


def test_rows_of_a_part_are_streamed(dataset, read, tmp_path):
    (tmp_path / "a.hub.yaml").write_text(yaml.safe_dump({"dataset": str(dataset), "config": "tur"}), encoding="utf-8")
    found = read(tmp_path / "a.hub.yaml")
    assert [document.text for document in found] == [f"tur satır {number}" for number in range(5)]
    assert (found[1].metadata["source"], found[1].metadata["case_number"]) == ("a.hub.yaml#2", "2024/1")


def test_a_dataset_on_the_command_line(dataset, tmp_path):
    name = Path(f"hub:{dataset},config=aze,rows=3")
    extract([name], tmp_path / "out", ExtractConfig(workers=1))
    assert [document.text for document in read_documents(tmp_path / "out")] == [f"aze satır {n}" for n in range(3)]
    [found] = artifacts.read_record(tmp_path / "out").inputs.values()
    assert (found.path, found.hash) == (str(name), None)
    with pytest.raises(ConfigError, match="did you mean 'rows'"):
        extract([Path("hub:a/b,row=3")], tmp_path / "out", ExtractConfig())
    with pytest.raises(ConfigError, match="'tur' is no key=value"):
        extract([Path("hub:a/b,tur")], tmp_path / "out", ExtractConfig())


def test_a_hub_that_is_not_reached_is_a_failure_and_asked_again(dataset, read, tmp_path, monkeypatch):
    (tmp_path / "a.hub.yaml").write_text("dataset: owner/name\nrevision: abc", encoding="utf-8")
    [failure] = read(tmp_path / "a.hub.yaml")
    assert (failure.reason, "owner/name" in failure.error) == ("unreachable", True)
    (tmp_path / "b.jsonl").write_bytes(orjson.dumps({"text": "Metin."}))
    for _ in range(2):
        extract(
            [tmp_path / "a.hub.yaml", tmp_path / "b.jsonl"], tmp_path / "out", ExtractConfig(), cache=tmp_path / "cache"
        )
    record = artifacts.read_record(tmp_path / "out")
    assert (record.accounts.failed, record.figures["files_read"]) == ({"unreachable": 1}, 1)


def test_a_wrong_description_is_told(read, tmp_path):
    (tmp_path / "a.hub.yaml").write_text("datasett: x", encoding="utf-8")
    [failure] = read(tmp_path / "a.hub.yaml")
    assert (failure.reason, "did you mean 'dataset'" in failure.error) == ("wrong_description", True)
