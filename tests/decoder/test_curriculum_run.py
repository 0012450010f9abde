"""Phases one after another: what each reads, what it goes on from, and what a killed run does not do again.

A stand-in writes what it was given, so that the chain of phases can be read; the real trainer is proved by its own
tests, and through phases by `tests/recipes/test_mecellem_decoder.py`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mecelle.base import artifacts
from mecelle.base.collection import read_documents, write_documents
from mecelle.base.config import dump, parse
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, InputError
from mecelle.corpus.mixing.curriculum import Replay
from mecelle.corpus.mixing.size import Size
from mecelle.decoder.config import STAGE, DecoderConfig
from mecelle.decoder.curriculum import run as running
from mecelle.decoder.curriculum.named import one_schedule, together
from mecelle.decoder.curriculum.plan import Curriculum, Phase, choose
from mecelle.decoder.curriculum.run import pretrain_in_phases, read_boundaries
from mecelle.training.stretch import Stretch

CONFIG = DecoderConfig(sequence_length=64, tokens_per_step=256, rows_per_batch=4)
PLAN = Curriculum(
    size=Size(by="documents"),
    phases=(
        Phase(name="one", budget=10, sources={"HUKUK DIŞI": 1.0}),
        Phase(name="two", budget=20, sources={"İÇTİHAT": 1.0}, replay=(Replay(phase="one", share=0.2),)),
    ),
)


class Trainer:
    """In the place of `decoder.pretrain`: notes what it was called with, and fails when it is told to."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.fails_at = 0
        self.leaves: tuple[str, ...] = ()
        """Names of empty files beside the model."""

    def __call__(self, training: Path, tokenizer: object, out: Path, config: DecoderConfig, **how: Any) -> None:
        ids = [one.id for one in read_documents(training)]
        self.calls.append({"ids": ids, "config": config, "out": out, **how})
        if self.fails_at == len(self.calls):
            raise KeyboardInterrupt
        start = how["initial"]
        before = (Path(start) / "model.txt").read_text(encoding="utf-8") if start else "new"
        with artifacts.create(out, stage=STAGE, version=1, parameters=config, inputs={}, seed=how["seed"]) as run:
            (run.folder / "model.txt").write_text(f"{before}>{len(ids)}", encoding="utf-8")
            for name in self.leaves:
                (run.folder / name).touch()
            run.figures |= {"steps": config.steps, "epochs": 1.0}


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    made = Trainer()
    monkeypatch.setattr(running, "pretrain", made)
    return made


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., Path]:
    documents = [Document(text=f"Genel metin {n}.", id=f"g{n}", metadata={"kind": "web"}) for n in range(30)]
    documents += [
        Document(text=f"Karar {n}.", id=f"d{n}", metadata={"kind": "decision", "court": "Yargıtay"}) for n in range(30)
    ]
    write_documents(documents, tmp_path / "in")

    def follow(plan: Curriculum = PLAN, name: str = "out", seed: int = 7, **how: Any) -> Path:
        out = tmp_path / name
        pretrain_in_phases(tmp_path / "in", "none", out, CONFIG, plan, seed=seed, work=tmp_path / "work", **how)
        return out

    return follow


def test_each_phase_goes_on_from_the_one_before_and_leaves_its_boundary(trainer: Trainer, train: Any) -> None:
    out = train()
    assert (out / "model.txt").read_text(encoding="utf-8") == "new>10>20"
    assert [(name, (place / "model.txt").read_text(encoding="utf-8")) for name, place in read_boundaries(out)] == [
        ("one", "new>10"),
        ("two", "new>10>20"),
    ]
    artifacts.verify(out)
    record = artifacts.read_record(out)
    assert record is not None
    assert [(row["phase"], row["start"], row["steps"]) for row in record.figures["phases"]] == [
        ("one", "new", 1),
        ("two", "one", 1),
    ]
    assert record.accounts is not None
    assert record.accounts.seen == 60


def test_replay_is_exact_documents_of_the_first_phase(trainer: Trainer, train: Any) -> None:
    train()
    first, second = (call["ids"] for call in trainer.calls)
    replayed = [one for one in second if one.startswith("g")]
    assert len(replayed) == 4
    assert set(replayed) < set(first)
    assert len(set(second)) == len(second)


def test_the_text_of_a_phase_is_found_where_the_work_folder_is_moved_to(
    trainer: Trainer, train: Any, tmp_path: Path
) -> None:
    train()
    (tmp_path / "work").rename(tmp_path / "moved")
    (phase,) = (tmp_path / "moved" / "mixtures").glob("*.phases/2")
    assert [one.id for one in read_documents(phase)] == trainer.calls[1]["ids"]


def test_phases_have_seeds_of_their_own(trainer: Trainer, train: Any) -> None:
    train()
    assert trainer.calls[0]["seed"] != trainer.calls[1]["seed"]
    assert {call["split_seed"] for call in trainer.calls} == {7}, "what one holds out another would read"


def test_a_run_that_was_killed_goes_on_in_the_phase_that_it_was_in(
    trainer: Trainer, train: Any, tmp_path: Path
) -> None:
    trainer.fails_at = 2
    with pytest.raises(KeyboardInterrupt):
        train()
    assert not (tmp_path / "out").exists()
    killed = trainer.calls[1]
    train()
    assert len(trainer.calls) == 3  # phase one is not trained again
    assert trainer.calls[2] == killed  # and phase two is called alike, so that it finds its own checkpoints


def test_runs_share_the_phases_that_they_have_in_common(trainer: Trainer, train: Any) -> None:
    train()
    values = dump(PLAN)
    values["phases"][1]["training"] = {"learning_rate": 1e-3}
    out = train(parse(Curriculum, values, where="x"), name="other")
    assert len(trainer.calls) == 3
    assert trainer.calls[2]["config"].learning_rate == 1e-3
    assert (out / "model.txt").read_text(encoding="utf-8") == "new>10>20"


def test_together_is_the_same_text_at_once(trainer: Trainer, train: Any) -> None:
    train()
    separate = sorted(one for call in trainer.calls for one in call["ids"])
    out = train(together(PLAN), name="together")
    assert sorted(trainer.calls[-1]["ids"]) == separate
    assert trainer.calls[-1]["config"].budget_tokens == 30
    assert [name for name, _ in read_boundaries(out)] == ["together"]


def test_one_schedule_over_all_phases_keeps_its_optimizer(trainer: Trainer, train: Any) -> None:
    trainer.leaves = ("optimizer.pt",)
    out = train(one_schedule(PLAN))
    whole = sum(map(PLAN.tokens, PLAN.phases))
    told = [call["config"].stretch for call in trainer.calls]
    assert told == [Stretch(before=0, whole=whole), Stretch(before=PLAN.tokens(PLAN.phases[0]), whole=whole)]
    assert (trainer.calls[1]["initial"] / "optimizer.pt").exists()
    assert not list(out.rglob("optimizer.pt")), "twice the weights, of no use to who reads the model"
    values = dump(PLAN) | {"restart": False}
    values["phases"][1]["training"] = {"warmup_share": 0.1}
    with pytest.raises(ConfigError, match="phase two: has a start or warm-up of its own"):
        parse(Curriculum, values, where="x")


def test_skipping_the_first_phase_leaves_the_text_of_the_second_as_it_is(trainer: Trainer, train: Any) -> None:
    train()
    out = train(choose(PLAN, ["2"]), name="skipped")
    assert trainer.calls[-1]["ids"] == trainer.calls[1]["ids"]
    assert (out / "model.txt").read_text(encoding="utf-8") == "new>20"


def test_the_model_that_is_adapted_comes_first(trainer: Trainer, train: Any, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "model.txt").write_text("base", encoding="utf-8")
    out = train(initial=tmp_path / "base")
    assert (out / "model.txt").read_text(encoding="utf-8") == "base>10>20"


def test_same_seed_same_bytes(trainer: Trainer, train: Any) -> None:
    assert artifacts.read_marker(train()).hash == artifacts.read_marker(train(name="again")).hash
    ids = [call["ids"] for call in trainer.calls]
    train(seed=8, name="other")
    assert [call["ids"] for call in trainer.calls[2:]] != ids


def test_a_phase_without_text_is_told_before_anything_is_trained(trainer: Trainer, train: Any) -> None:
    values = dump(PLAN)
    values["phases"][1] |= {"sources": {"HUKUK Tez": 1.0}, "replay": []}
    with pytest.raises(InputError, match="two: its sources hold no document"):
        train(parse(Curriculum, values, where="x"))
    assert not trainer.calls


def test_another_model_has_no_boundaries(tmp_path: Path) -> None:
    assert read_boundaries(tmp_path) == []
