"""Which decisions are learnt from, which are scored; the builder's accounts and its bytes."""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.errors import ConfigError, InputError
from mecelle.segmentation.data import SectionDataConfig, build_section_data, read_part
from mecelle.segmentation.decision import read_decisions, write_decisions
from mecelle.segmentation.partition import PARTS, PartitionConfig, Split, divide
from mecelle.segmentation.record import Segmented


def ids(parts: dict[str, list[Segmented]]) -> list[str]:
    return [one.id for part in PARTS for one in parts[part]]


def split_of(decisions: Sequence[Segmented]) -> Split:
    return Split.draw([one.id for one in decisions], (0.5, 0.2, 0.3), seed=7)


def test_a_drawn_split_has_its_shares_and_no_decision_twice(decisions: Sequence[Segmented]) -> None:
    parts, dropped = divide(decisions, split_of(decisions), PartitionConfig())
    assert [len(parts[part]) for part in PARTS] == [20, 8, 12]
    assert sorted(ids(parts)) == sorted(one.id for one in decisions)
    assert not dropped
    assert split_of(decisions) == split_of(decisions)
    assert set(Split.draw(["a", "b", "c"], (0.5, 0.2, 0.3), seed=1).parts.values()) == set(PARTS)


@pytest.mark.parametrize(
    ("config", "held"),
    [
        (PartitionConfig(held_court="Danıştay"), lambda facts: facts["court"] == "Danıştay"),
        (PartitionConfig(held_chamber="2. Daire"), lambda facts: facts["chamber"] == "2. Daire"),
        (PartitionConfig(held_since="2023"), lambda facts: facts["date"] >= "2023"),
    ],
)
def test_what_is_held_out_is_scored_alone_and_never_seen(config, held, decisions: Sequence[Segmented]) -> None:  # type: ignore[no-untyped-def]
    split = split_of(decisions)
    parts, dropped = divide(decisions, split, config)
    assert not any(held(one.metadata) for part in ("train", "development") for one in parts[part])
    assert all(held(one.metadata) for one in parts["test"])
    assert all(split.parts[one.id] == part for part in PARTS for one in parts[part]), "the fixed split is law"
    assert len(ids(parts)) + sum(dropped.values()) == len(decisions)


def test_of_two_criteria_what_meets_one_is_neither_scored_nor_seen(decisions: Sequence[Segmented]) -> None:
    config = PartitionConfig(held_chamber="2. Daire", held_since="2023")
    parts, _ = divide(decisions, split_of(decisions), config)
    seen = [one.metadata for part in ("train", "development") for one in parts[part]]
    assert not any(facts["chamber"] == "2. Daire" or facts["date"] >= "2023" for facts in seen)
    assert all(one.metadata["chamber"] == "2. Daire" and one.metadata["date"] >= "2023" for one in parts["test"])


def test_an_empty_part_is_told(decisions: Sequence[Segmented]) -> None:
    with pytest.raises(ConfigError, match="no decision is left for test"):
        divide(decisions, split_of(decisions), PartitionConfig(held_court="Yargitay"))


def test_the_fixed_split_is_read_and_decides(decisions: Sequence[Segmented], tmp_path: Path) -> None:
    named = {"train": ["d0", "d1"], "development": ["d2"], "test": ["d3"]}
    (tmp_path / "splits.json").write_bytes(orjson.dumps({"decisions": named}))
    parts, dropped = divide(decisions, Split.read(tmp_path / "splits.json"), PartitionConfig())
    assert {part: [one.id for one in members] for part, members in parts.items()} == named
    assert dropped == {"not_in_split": 36}
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(InputError, match="no split of decisions"):
        Split.read(tmp_path / "other.json")


def test_the_artifact_has_all_parts_and_text_outside(section_data: Path) -> None:
    record = artifacts.read_record(section_data)
    assert record is not None
    assert record.figures["parts"] == {"train": 20, "development": 8, "test": 12}
    outside = {
        part: [one for one in read_decisions(section_data / f"{part}.jsonl") if not one.sections] for part in PARTS
    }
    assert [len(outside[part]) for part in PARTS] == [9, 3, 3]
    assert len({one.id for part in PARTS for one in outside[part]}) == 15


def test_a_decision_without_a_ruling_is_counted_and_bytes_repeat(
    decisions: Sequence[Segmented], tmp_path: Path
) -> None:
    cut = decisions[0].model_copy(update={"id": "cut", "sections": decisions[0].sections[:3]})
    write_decisions([*decisions, cut], tmp_path / "in.jsonl")
    for name in ("a", "b"):
        build_section_data(tmp_path / "in.jsonl", tmp_path / name, SectionDataConfig(), seed=7)
    record = artifacts.read_record(tmp_path / "a")
    assert record is not None
    assert record.accounts is not None
    assert record.accounts.dropped == {"no_ruling": 1}
    assert artifacts.read_marker(tmp_path / "a").hash == artifacts.read_marker(tmp_path / "b").hash


def test_generated_decisions_are_learnt_from_alone(decisions: Sequence[Segmented], tmp_path: Path) -> None:
    write_decisions(decisions, tmp_path / "in.jsonl")
    build_section_data(tmp_path / "in.jsonl", tmp_path / "out", SectionDataConfig(generated=20), seed=7)
    made = {
        part: [one for one in read_part(tmp_path / "out", part)[0] if one.id.startswith("generated-")] for part in PARTS
    }
    assert len(made["train"]) == 20
    assert not made["development"]
    assert not made["test"]
    assert all(one.sections for one in made["train"])
    record = artifacts.read_record(tmp_path / "out")
    assert record is not None
    assert (record.figures["generated"], record.figures["parts"]["train"]) == (20, 20)


def test_generated_decisions_of_a_held_court_are_left_out(decisions: Sequence[Segmented], tmp_path: Path) -> None:
    write_decisions(decisions, tmp_path / "in.jsonl")
    config = SectionDataConfig(generated=60, partition=PartitionConfig(held_court="Yargıtay", held_since="2024"))
    build_section_data(tmp_path / "in.jsonl", tmp_path / "out", config, seed=7)
    made = [one for one in read_part(tmp_path / "out", "train")[0] if one.id.startswith("generated-")]
    assert made
    assert all(one.metadata["court"] != "Yargıtay" and one.metadata["date"] < "2024" for one in made)


def test_headings_are_kept_beside_the_decisions_without_them(tmp_path: Path) -> None:
    parts = [("claim", "I. DAVA", "Davacı ister."), ("ruling", "II. KARAR", "Dava reddedildi.")]
    sections = [{"label": label, "heading": head, "text": f"{head}\n{text}"} for label, head, text in parts]
    rows = [{"id": f"r{number}", "court": "Yargıtay", "sections": sections} for number in range(6)]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    build_section_data(tmp_path / "in.jsonl", tmp_path / "out", SectionDataConfig(), seed=7)
    bare, headed = read_part(tmp_path / "out", "train")
    assert [one.text for one in bare] == ["Davacı ister.\nDava reddedildi."] * 3
    assert [headed[one.id].text for one in bare] == ["I. DAVA\nDavacı ister.\nII. KARAR\nDava reddedildi."] * 3


@pytest.mark.parametrize(
    ("ids", "message"), [(["a", "b", "a"], r"in.jsonl:3: id 'a' is that of row 1, too"), ([""], "in.jsonl:1: no id")]
)
def test_decisions_without_an_id_of_their_own_are_refused(
    ids: list[str], message: str, decisions: Sequence[Segmented], tmp_path: Path
) -> None:
    named = [one.model_copy(update={"id": name}) for one, name in zip(decisions, ids, strict=False)]
    write_decisions(named, tmp_path / "in.jsonl")
    with pytest.raises(InputError, match=message):
        build_section_data(tmp_path / "in.jsonl", tmp_path / "out", SectionDataConfig(), seed=7)


def test_a_row_outside_without_text_is_told(decisions: Sequence[Segmented], tmp_path: Path) -> None:
    write_decisions(decisions, tmp_path / "in.jsonl")
    (tmp_path / "outside.jsonl").write_text('{"text": "a"}\n{"body": "b"}\n')
    with pytest.raises(InputError, match=r"outside.jsonl:2: no text in it"):
        build_section_data(
            tmp_path / "in.jsonl", tmp_path / "out", SectionDataConfig(), seed=7, outside=tmp_path / "outside.jsonl"
        )


def test_rows_of_another_form_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(
        '{"id": "x", "court": "y", "sections": [{"label": "z", "heading": null, "text": "t"}]}\n'
    )
    with pytest.raises(InputError, match=r"in.jsonl:1: section label 'z' is in no rule"):
        build_section_data(tmp_path / "in.jsonl", tmp_path / "out", SectionDataConfig(), seed=7)
    (tmp_path / "in.jsonl").write_text('{"id": "x", "text": "abc"}\n')
    with pytest.raises(InputError, match=r"in.jsonl:1: no decision with sections"):
        build_section_data(tmp_path / "in.jsonl", tmp_path / "out", SectionDataConfig(), seed=7)
