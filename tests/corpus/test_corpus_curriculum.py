"""Curricula: sources and steps of each phase, replay, order."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, read_jsonl, write_documents
from mecelle.base.document import Document
from mecelle.corpus.build import CorpusConfig
from mecelle.corpus.dedup.search import Dedup
from mecelle.corpus.filters.url_keywords import UrlKeywords
from mecelle.corpus.mixing.curricula import mecellem_general_first, mecellem_theses_first
from mecelle.corpus.mixing.curriculum import Curriculum, Phase, Replay
from mecelle.corpus.mixing.fates import Fates
from mecelle.corpus.mixing.pages import PageMerge
from mecelle.corpus.mixing.phases import follow
from mecelle.corpus.mixing.size import Size

NO_DEDUP = Dedup(exact=False, minhash=None)
LIGHT = CorpusConfig(cleaning=(), filters=(), dedup=NO_DEDUP)
FULL = CorpusConfig(cleaning=(), filters=(UrlKeywords(),), dedup=NO_DEDUP)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 decisions, 30 theses, 20 web pages with one of a betting site among them, 5 entries of a dictionary."""
    documents = [
        *(document(f"d{place}", kind="decision", court="Yargıtay") for place in range(40)),
        *(document(f"t{place}", kind="thesis") for place in range(30)),
        *(document(f"w{place}", kind="web") for place in range(19)),
        document("bet", kind="web", url="https://example.com/canli-bahis/casino"),
        *(document(f"s{place}", kind="dictionary") for place in range(5)),
    ]
    folder = tmp_path_factory.mktemp("curriculum") / "in"
    write_documents(documents, folder, shard_characters=2_000)
    assert len(list(folder.iterdir())) > 1
    return folder


def document(name: str, **metadata: Any) -> Document:
    return Document(text=f"Metin {name} hakkında bir karar.", id=name, metadata=metadata)


def plan(**values: Any) -> Curriculum:
    return Curriculum(
        size=Size(by="documents"),
        phases=(
            Phase(name="one", budget=20, sources={"HUKUK Tez": 1.0}),
            Phase(
                name="two", budget=40, sources={"İÇTİHAT": 0.5, "HUKUK DIŞI": 0.5}, chain=LIGHT,
                replay=(Replay(phase="one", share=0.25),),
            ),
            Phase(name="three", budget=20, sources={"HUKUK DIŞI": 0.5, "HUKUK Tez": 0.5}, chain=FULL),
        ),
        **values,
    )  # fmt: skip


@pytest.fixture(scope="module")
def out(collection: Path) -> Path:
    follow(collection, collection.parent / "out", plan(), seed=7)
    return collection.parent / "out"


@pytest.fixture(scope="module")
def phases(out: Path) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    for one in read_documents(out):
        found[one.metadata["phase"]].append(one)
    return found


def names(documents: list[Document]) -> set[str]:
    return {one.id for one in documents}


def test_each_phase_has_its_own_steps(phases: dict[str, list[Document]]) -> None:
    assert "bet" in names(phases["two"])  # its rule is not in that chain
    assert "bet" not in names(phases["three"])


def test_each_phase_has_its_sources_in_their_shares(phases: dict[str, list[Document]]) -> None:
    first = {kind: sum(name.startswith(kind) for name in names(phases["one"])) for kind in "dtw"}
    assert first == {"d": 0, "t": 20, "w": 0}
    fresh = [one for one in phases["two"] if "replay_of" not in one.metadata]
    assert len(fresh) == 30
    assert sum(name.startswith("d") for name in names(fresh)) == 15


def test_replay_is_its_share_of_what_the_former_phase_trained_on(phases: dict[str, list[Document]]) -> None:
    replayed = [one for one in phases["two"] if one.metadata.get("replay_of") == "one"]
    assert len(replayed) == 10
    assert names(replayed) < names(phases["one"])
    assert not any("replay_of" in one.metadata for one in phases["one"] + phases["three"])


def test_what_no_phase_has_trained_on_comes_first(phases: dict[str, list[Document]]) -> None:
    third = {name for name in names(phases["three"]) if name.startswith("t")}
    assert len(third) == 10
    assert not third & names(phases["one"])
    pages = {f"w{place}" for place in range(19)}
    assert pages - names(phases["two"]) <= names(phases["three"])


def test_phases_stand_in_order_each_in_its_shards(
    collection: Path, out: Path, phases: dict[str, list[Document]]
) -> None:
    order = [one.metadata["phase"] for one in read_documents(out)]
    assert order == sorted(order, key=["one", "two", "three"].index)
    told = orjson.loads((out / "phases.json").read_bytes())
    for row in told:
        shards = range(row["first_shard"], row["first_shard"] + row["shards"])
        found = [one for shard in shards for one in read_documents(out / "documents" / f"{shard:05d}.jsonl.zst")]
        assert [one.id for one in found] == [one.id for one in phases[row["phase"]]]
    source = [one.id for one in read_documents(collection)]
    assert [one.id for one in phases["one"]] != sorted((one.id for one in phases["one"]), key=source.index)


def test_accounts(out: Path, phases: dict[str, list[Document]]) -> None:
    record = artifacts.read_record(out)
    assert record
    assert record.accounts
    kept = {one.id for documents in phases.values() for one in documents}
    written = sum(map(len, phases.values()))
    assert (record.accounts.seen, record.accounts.kept) == (95, len(kept))
    assert record.accounts.dropped["no_source"] == 5
    assert record.figures["copies"] == {"documents": len(kept), "written": written, "repeats": written - len(kept)}
    rows = {row["id"]: row["reason"] for row in read_jsonl(out / "dropped.jsonl.zst")}
    assert len(rows) == 95 - len(kept)
    three = record.figures["phases"][2]
    assert three["sources"][0] == {"source": "HUKUK DIŞI", "there": 19, "wanted": 10, "drawn": 10, "documents": 10}


def test_a_document_that_all_phases_drop_has_the_reason_of_its_step(collection: Path, tmp_path: Path) -> None:
    only = Curriculum(phases=(Phase(name="one", budget=10**6, sources={"HUKUK DIŞI": 1.0}, chain=FULL),))
    follow(collection, tmp_path / "out", only, seed=7)
    record = artifacts.read_record(tmp_path / "out")
    assert record
    assert record.accounts
    assert record.accounts.dropped == {"no_source": 75, "denied_url": 1}
    drawn = record.figures["phases"][0]["sources"][0]
    assert drawn["drawn"] == drawn["there"] < drawn["wanted"]  # nothing twice unless `most_copies` allows it


def test_same_seed_same_bytes(collection: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        follow(collection, tmp_path / name, plan(), seed=seed)
    hashes = [artifacts.read_marker(tmp_path / name).hash for name in "abc"]
    assert hashes[0] == hashes[1] != hashes[2]


def test_budgets_scale_to_a_total() -> None:
    scaled = plan(total=12)
    assert [scaled.budget(phase) for phase in scaled.phases] == [3, 6, 3]


def test_mecellem_follows_the_paper() -> None:
    for curriculum in (mecellem_general_first(), mecellem_theses_first()):
        assert [phase.budget for phase in curriculum.phases] == [
            3_678_052_050, 57_045_791_446, 165_110_698_942, 24_905_934_016,
        ]  # fmt: skip
        chains = [phase.chain for phase in curriculum.phases if phase.chain]
        steps = [[one.filter for one in chain.filters] for chain in chains]
        assert steps[1] == ["fineweb_quality.v1"]
        assert all("fineweb_quality.v1" in one for one in steps)
        assert {"language.v1", "url_keywords.v1", "markup.v1", "fields.v1", "long_text.v1"} <= set(steps[2])
        semantic = [chain.dedup.semantic and chain.dedup.semantic.least_similarity for chain in chains]
        assert semantic == [0.75, None, 0.75, 0.75]
        assert [bool(phase.replay) for phase in curriculum.phases] == [False, True, False, False]
    assert next(iter(mecellem_general_first().phases[0].sources)) == "HUKUK DIŞI"
    assert next(iter(mecellem_theses_first().phases[0].sources)) == "HUKUK Tez"


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([("a", {}), ("a", {})], "each name may stand once"),
        ([("a", {"replay": (Replay(phase="b", share=0.1),)}), ("b", {})], "none of those before it"),
    ],
)
def test_a_curriculum_that_cannot_be(phases: list[tuple[str, dict[str, Any]]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Curriculum(phases=tuple(Phase(name=name, budget=1, sources={"HUKUK": 1.0}, **more) for name, more in phases))


def test_replay_leaves_room_for_new_text() -> None:
    replay = (Replay(phase="a", share=0.6), Replay(phase="b", share=0.4))
    with pytest.raises(ValueError, match="no room"):
        Phase(name="c", budget=1, sources={"HUKUK": 1.0}, replay=replay)


def test_fates_are_the_best_of_all_phases() -> None:
    fates = Fates(np.arange(6))
    fates.drop(np.array([1, 2]), "short_text")
    fates.drop(np.array([1, 3]), "language_error")
    fates.leave(np.array([2, 4]))
    fates.keep(np.array([4, 5]))
    fates.leave(np.array([5]))
    assert [fates[place] for place in range(6)] == [
        "no_source", "short_text", "not_sampled", "language_error", "kept", "kept",
    ]  # fmt: skip
    assert sum(fates.counts().values()) == 6


def test_pages_are_merged_and_accounted_for_one_by_one(tmp_path: Path) -> None:
    pages = [document(f"p{place}", kind="thesis", source_id="tez", page=place) for place in (1, 2, 3, 5)]
    again = document("again", kind="thesis", source_id="tez", page=3)
    write_documents([*pages, again, document("d", kind="decision")], tmp_path / "in")
    phase = Phase(name="one", budget=10, sources={"HUKUK Tez": 1.0}, pages=PageMerge(repair=False))
    later = Phase(name="two", budget=10, sources={"HUKUK Tez": 1.0})
    follow(tmp_path / "in", tmp_path / "out", Curriculum(size=Size(by="documents"), phases=(phase,)), seed=7)
    texts = {one.text for one in read_documents(tmp_path / "out")}
    assert texts == {"\n".join(one.text for one in pages[:3]), pages[3].text}
    record = artifacts.read_record(tmp_path / "out")
    assert record
    assert record.accounts
    assert (record.accounts.kept, record.accounts.dropped) == (4, {"no_source": 1, "repeated_page": 1})
    assert record.figures["phases"][0]["pages"]["missing_pages"] == 1
    assert record.figures["copies"] == {"documents": 2, "written": 2, "repeats": 0}
    both = Curriculum(size=Size(by="documents"), phases=(phase, later.model_copy(update={"budget": 1})))
    for seed in (7, 8, 9):  # the one page that the first phase has not trained on
        follow(tmp_path / "in", tmp_path / "both", both, seed=seed)
        assert [one.id for one in read_documents(tmp_path / "both") if one.metadata["phase"] == "two"] == ["again"]
