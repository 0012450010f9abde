"""Studies: what each arm changes, and that it changes nothing else."""

from pathlib import Path

import orjson
import pytest

from mecelle.base.collection import write_documents
from mecelle.base.document import Document
from mecelle.base.errors import ConfigError, MismatchError
from mecelle.corpus.mixing.curriculum import Replay
from mecelle.corpus.statistics.categories import NOT_LAW, field_of
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.curriculum.named import alike, load_curriculum, together
from mecelle.decoder.curriculum.plan import Curriculum, Phase, configs
from mecelle.recipes import decoder_study as studies

LAPTOP = load_curriculum("laptop")
BASE: dict[str, Path | str] = {"base": "a/model"}


def law_share(phase: Phase) -> float:
    whole = sum(phase.sources.values())
    return sum(share for name, share in phase.sources.items() if field_of(name) != NOT_LAW) / whole


def test_the_start_alone_differs() -> None:
    arms = studies.start(LAPTOP, BASE | {"other": "b/model"}, ())
    assert {name: arm.initial for name, arm in arms.items()} == {"base": "a/model", "other": "b/model"}
    assert all(arm.curriculum == LAPTOP for arm in arms.values())
    with pytest.raises(ConfigError, match="takes no values"):
        studies.start(LAPTOP, BASE, ("0.3",))


def test_the_share_of_law_alone_differs() -> None:
    arms = studies.shares(LAPTOP, BASE, ("0.3", "0.8"))
    for name, arm in arms.items():
        wanted = float(name.removeprefix("law "))
        first, *others = arm.curriculum.phases
        assert first == LAPTOP.phases[0]  # it has no law to have more of
        assert [law_share(one) for one in others] == pytest.approx([wanted] * 3)
        assert [one.budget for one in arm.curriculum.phases] == [one.budget for one in LAPTOP.phases]
    before, after = (one.phases[3].sources for one in (LAPTOP, arms["law 0.8"].curriculum))
    assert after["MEVZUAT"] / after["İÇTİHAT"] == pytest.approx(before["MEVZUAT"] / before["İÇTİHAT"])


def test_the_rate_alone_differs() -> None:
    arms = studies.rates(LAPTOP, BASE, ("5e-4", "2e-3"))
    rates = [{own.learning_rate for own in configs(a.curriculum, DecoderConfig()).values()} for a in arms.values()]
    assert rates == [{5e-4}, {2e-3}]
    assert all(arm.curriculum.mixture() == LAPTOP.mixture() for arm in arms.values()), "they share their text"
    with pytest.raises(ConfigError, match="`together: true` leaves out"):
        studies.rates(together(LAPTOP), BASE, ("5e-4",))


def test_the_boundary_moves_and_the_tokens_stay() -> None:
    total = sum(one.budget for one in LAPTOP.phases)
    curriculum = studies.boundaries(LAPTOP, BASE, ("0.5",))["last from 0.5"].curriculum
    budgets = [one.budget for one in curriculum.phases]
    assert sum(budgets) == total
    assert budgets[-1] / total == pytest.approx(0.5, abs=1e-6)
    assert budgets[1] / budgets[0] == pytest.approx(LAPTOP.phases[1].budget / LAPTOP.phases[0].budget, rel=1e-4)
    with pytest.raises(ConfigError, match="has one phase, and no boundary"):
        studies.boundaries(load_curriculum("laptop_law_only"), BASE, ("0.5",))


def test_a_scaled_curriculum_keeps_its_total_when_the_boundary_moves() -> None:
    scaled = Curriculum.model_validate_json(LAPTOP.model_copy(update={"total": 1_000_000}).model_dump_json())
    moved = studies.with_boundary(scaled, 0.5)
    assert sum(moved.budget(one) for one in moved.phases) == pytest.approx(1_000_000, abs=4)


def test_phases_that_are_alike_have_the_mixture_of_the_whole() -> None:
    first = Phase(name="1", budget=100, sources={"HUKUK DIŞI": 3.0, "MEVZUAT": 1.0})
    second = Phase(
        name="2", budget=300, sources={"MEVZUAT": 1.0}, replay=(Replay(phase="1", share=0.5, sources=("HUKUK DIŞI",)),)
    )
    same = alike(Curriculum(phases=(first, second)))
    assert [(phase.name, phase.budget, phase.replay) for phase in same.phases] == [("1", 100, ()), ("2", 300, ())]
    for phase in same.phases:
        assert phase.sources == pytest.approx({"HUKUK DIŞI": (75 + 150) / 400, "MEVZUAT": (25 + 150) / 400})


def test_order_compares_at_equal_tokens() -> None:
    arms = studies.order(LAPTOP, BASE, ())
    assert list(arms) == ["phases", "together", "law only", "alike", "one schedule", "without the first"]
    tokens = {name: sum(map(a.curriculum.tokens, a.curriculum.trained())) for name, a in arms.items()}
    first = LAPTOP.tokens(LAPTOP.phases[0])
    assert tokens["phases"] == tokens["together"] == tokens["law only"] == tokens["without the first"] + first
    assert tokens["phases"] == tokens["alike"] == tokens["one schedule"]
    assert list(studies.order(LAPTOP, BASE, ("together",))) == ["together"]
    with pytest.raises(ConfigError, match="'togther' is no arm; did you mean 'together'"):
        studies.order(LAPTOP, BASE, ("togther",))


def test_text_of_the_panel_is_not_trained_on(tmp_path: Path) -> None:
    row = {"id": "a", "domain": "law-tax", "side": "test", "text": "Vergi mükellefi beyan eder."}
    (tmp_path / "heldout.jsonl").write_bytes(orjson.dumps(row))
    other = Document(text="Kira ödenir.", id="b")

    def study(training: Path) -> None:
        studies.run(
            "start", training, "none", tmp_path / "out", DecoderConfig(), LAPTOP,
            initials=BASE, values=(), panel=tmp_path, seed=7, work=tmp_path / "work",
        )  # fmt: skip

    for one in (Document(text="Başka bir metin.", id="a"), Document(text=row["text"], id="c")):  # by id, and by text
        write_documents([other, one], tmp_path / one.id)
        with pytest.raises(MismatchError, match=f"1 of its documents are scored in .*such as {one.id}"):
            study(tmp_path / one.id)
    write_documents([other], tmp_path / "unread")
    studies.check_unread(tmp_path / "unread", tmp_path)


@pytest.mark.parametrize(
    ("kind", "initials", "values", "told"),
    [
        ("share", BASE, ("0.3",), "did you mean 'shares'"),
        ("shares", BASE | {"other": "b"}, ("0.3",), "one starting model, found 2"),
        ("shares", BASE, ("1.5",), "a share between 0 and 1"),
        ("shares", BASE, ("half",), "a share between 0 and 1"),
        ("rates", BASE, ("0",), "learning rate above 0"),
        ("rates", BASE, ("nan",), "learning rate above 0"),
        ("shares", BASE, (), "no arm; give --values"),
    ],
)
def test_studies_that_cannot_be(
    kind: str, initials: dict[str, Path | str], values: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=told):
        studies.run(
            kind, tmp_path, "none", tmp_path / "out", DecoderConfig(), LAPTOP,
            initials=initials, values=values, panel=tmp_path, seed=7, work=tmp_path / "work",
        )  # fmt: skip
