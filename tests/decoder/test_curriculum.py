"""Curricula of training: what they say, what they refuse, and what the paper's come to."""

from pathlib import Path
from typing import Any

import pytest

from mecelle.base.config import dump, parse
from mecelle.base.errors import ConfigError
from mecelle.corpus.mixing import curricula as mixtures
from mecelle.corpus.mixing.curriculum import Replay
from mecelle.decoder.config import DecoderConfig
from mecelle.decoder.curriculum.named import CURRICULA, law_only, load_curriculum, together
from mecelle.decoder.curriculum.plan import TOGETHER, Curriculum, Phase, Settings, choose, configs, starts

SMALL = DecoderConfig(sequence_length=64, tokens_per_step=512, rows_per_batch=4)
PAPER = DecoderConfig(sequence_length=4_096, tokens_per_step=1_638_400, rows_per_batch=2)


def plan(**values: Any) -> Curriculum:
    return Curriculum(
        phases=(
            Phase(name="one", budget=1_000, sources={"HUKUK DIŞI": 1.0}, epochs=2.0),
            Phase(
                name="two", budget=4_000, sources={"MEVZUAT": 1.0, "HUKUK DIŞI": 3.0},
                replay=(Replay(phase="one", share=0.1),), training=Settings(learning_rate=1e-4, warmup_share=0.2),
            ),
            Phase(name="three", budget=2_000, sources={"İÇTİHAT": 1.0}),
        ),
        **values,
    )  # fmt: skip


def test_settings_of_a_phase_stand_over_those_of_the_run() -> None:
    found = configs(plan(), SMALL)
    assert [one.budget_tokens for one in found.values()] == [2_000, 4_000, 2_000]
    assert found["two"].learning_rate == 1e-4
    assert found["two"].warmup_share == 0.2
    assert found["three"].learning_rate == SMALL.learning_rate
    with pytest.raises(ConfigError, match="no multiple of rows_per_batch"):
        Settings(rows_per_batch=5).over(SMALL)


def test_all_together_is_one_training_of_as_many_tokens() -> None:
    found = configs(together(plan()), SMALL)
    assert list(found) == [TOGETHER]
    assert found[TOGETHER].budget_tokens == 8_000
    assert starts(together(plan())) == {TOGETHER: None}
    assert together(plan()).mixture() == plan().mixture()


def test_phases_start_where_they_say() -> None:
    assert starts(plan()) == {"one": None, "two": "one", "three": "two"}
    assert starts(choose(plan(), ["2", "three"])) == {"two": None, "three": "two"}
    assert choose(plan(), ["2", " three"]) == choose(plan(), ["2", "three"])
    values = dump(plan())
    values["phases"][2]["start"] = "one"
    assert starts(parse(Curriculum, values, where="x"))["three"] == "one"
    with pytest.raises(ConfigError, match="starts from one, which `only` leaves out"):
        starts(choose(parse(Curriculum, values, where="x"), ["2", "3"]))
    values["phases"][1]["start"] = "beginning"
    assert starts(parse(Curriculum, values, where="x"))["two"] is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start": "three"}, "none of those before it"),
        ({"learning_rate": 1}, "unknown key"),
        ({"epochs": 0}, "greater than 0"),
        ({"replay": [{"phase": "three", "share": 0.1}]}, "none of those before it"),
    ],
)
def test_a_curriculum_that_cannot_be_is_refused(change: dict[str, Any], told: str) -> None:
    values = dump(plan())
    values["phases"][1] |= change
    with pytest.raises(ConfigError, match=told):
        parse(Curriculum, values, where="mine.yaml")


def test_only_phases_that_there_are() -> None:
    with pytest.raises(ConfigError, match="phase '4': neither a name nor a number from 1 to 3"):
        choose(plan(), ["4"])
    with pytest.raises(ConfigError, match="did you mean 'two'"):
        parse(Curriculum, dump(plan()) | {"only": ["twoo"]}, where="x")


def test_how_phases_are_trained_does_not_change_what_is_mixed() -> None:
    values = dump(plan())
    values["phases"][1] |= {"epochs": 3.0, "training": {"learning_rate": 1e-3}}
    assert parse(Curriculum, values, where="x").mixture() == plan().mixture()
    assert dump(load_curriculum("mecellem_theses_first").mixture()) == dump(mixtures.mecellem_theses_first())


def test_law_alone_has_as_many_tokens_and_the_shares_of_law() -> None:
    (phase,) = law_only(plan()).phases
    assert phase.budget == 8_000
    assert set(phase.sources) == {"MEVZUAT", "İÇTİHAT"}
    # Of "two", 4,000 tokens, a tenth is replayed and a quarter of the rest legislation; "three": 2,000 of decisions.
    assert phase.sources["İÇTİHAT"] / phase.sources["MEVZUAT"] == pytest.approx(2_000 / 900)
    values = dump(plan())
    values["phases"][2]["replay"] = [{"phase": "one", "share": 0.5}]  # so that 1,000 are decisions
    (phase,) = law_only(parse(Curriculum, values, where="x")).phases
    assert phase.sources["İÇTİHAT"] / phase.sources["MEVZUAT"] == pytest.approx(1_000 / 900)
    with pytest.raises(ConfigError, match="no phase reads law"):
        law_only(choose(plan(), ["one"]))


@pytest.mark.parametrize("name", sorted(CURRICULA))
def test_every_named_curriculum_can_be_written_and_read(name: str, tmp_path: Path) -> None:
    found = load_curriculum(name)
    assert parse(Curriculum, dump(found), where=name) == found
    config = PAPER if name.startswith("mecellem") else SMALL
    assert sum(one.budget_tokens for one in configs(found, config).values()) == sum(map(found.tokens, found.phases))
    assert len(starts(found)) >= 1


def test_the_paper_s_steps_and_warm_up_are_those_of_table_8() -> None:
    found = configs(load_curriculum("mecellem_general_first"), PAPER)
    assert [one.steps for one in found.values()] == [4_170, 32_260, 46_803, 14_122]
    assert [round(one.steps * one.warmup_share) for one in found.values()] == [200, 1_600, 2_340, 706]
    assert [one.rows_per_step for one in found.values()] == [400, 400, 800, 400]
    (single,) = configs(load_curriculum("mecellem_single"), PAPER).values()
    assert (single.steps, round(single.steps * single.warmup_share)) == (153_508, 7_675)


def test_the_laptop_has_the_proportions_of_table_3_and_the_rivals_its_tokens() -> None:
    laptop, paper = load_curriculum("laptop"), load_curriculum("mecellem_general_first")
    of_laptop, of_paper = ([one.budget / sum(p.budget for p in c.phases) for one in c.phases] for c in (laptop, paper))
    assert of_laptop == pytest.approx(of_paper, abs=0.005)
    tokens = sum(map(laptop.tokens, laptop.phases))
    for rival in ("laptop_single", "laptop_law_only"):
        assert sum(one.budget_tokens for one in configs(load_curriculum(rival), SMALL).values()) == tokens


def test_curricula_of_one_s_own(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("curriculum:\n  phases:\n  - {name: a, budget: 10, sources: {MEVZUAT: 1.0}}\n", encoding="utf-8")
    assert load_curriculum(f"{path}:curriculum").phases[0].name == "a"
    with pytest.raises(ConfigError, match="neither a file nor known; did you mean 'laptop_single'"):
        load_curriculum("laptop_singel")
