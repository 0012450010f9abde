from pathlib import Path

import pytest
from pydantic import model_validator

from mecelle.base.config import Config, dump, load, parse, read_plain
from mecelle.base.errors import ConfigError


class Masking(Config):
    rate: float = 0.3
    """Share of tokens, 0..1."""


class Run(Config):
    masking: Masking = Masking()
    dims: tuple[int, ...] = (64, 32)
    steps: int = 10


def test_yaml_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("run: {masking: {rate: 0.15}, dims: [8, 4]}", encoding="utf-8")
    run = load(Run, path, section="run")
    assert run == Run(masking=Masking(rate=0.15), dims=(8, 4))
    assert dump(run) == {"masking": {"rate": 0.15}, "dims": [8, 4], "steps": 10}


def test_unknown_key_names_file_path_and_nearest_key() -> None:
    with pytest.raises(
        ConfigError, match=r"params\.yaml: masking\.rte: unknown key; did you mean 'rate'\? Allowed: rate"
    ):
        parse(Run, {"masking": {"rte": 0.1}}, where="params.yaml")


def test_every_fault_is_listed() -> None:
    with pytest.raises(ConfigError) as error:
        parse(Run, {"stepz": 1, "masking": {"rate": "much"}}, where="p")
    assert "p: stepz: unknown key; did you mean 'steps'?" in str(error.value)
    assert "p: masking.rate: found 'much'" in str(error.value)


class Checked(Run):
    @model_validator(mode="after")
    def _steps_suffice(self) -> "Checked":
        if self.steps < 2:
            raise ValueError(f"steps {self.steps}: at least 2")
        return self


class Outer(Config):
    run: Checked = Checked()


def test_a_check_of_a_whole_section_is_told_in_one_sentence() -> None:
    """Its input is all that was given: to repeat that would bury the sentence."""
    for model, values, told in (
        (Checked, {"steps": 1, "dims": [8] * 99}, "--set: steps 1: at least 2"),
        (Outer, {"run": {"steps": 1}}, "--set: run: steps 1: at least 2"),
    ):
        with pytest.raises(ConfigError) as error:
            parse(model, values, where="--set")
        assert str(error.value) == told


def test_a_long_value_is_cut() -> None:
    with pytest.raises(ConfigError) as error:
        parse(Outer, {"run": ["x" * 1_000]}, where="p")
    assert str(error.value).startswith("p: run: found ['xxx")
    assert len(str(error.value)) < 200
    with pytest.raises(ConfigError, match=r"^p: found \[1\]; "):
        parse(Run, [1], where="p")


def test_types_are_not_converted_in_silence() -> None:
    with pytest.raises(ConfigError, match="steps"):
        parse(Run, {"steps": "10"}, where="p")


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file"), ("a: [", "not readable as YAML"), ("rum: {}", "did you mean 'rum'")],
)
def test_bad_files(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load(Run, path, section="run")


@pytest.mark.parametrize(
    ("text", "value"), [("5e-4", 5e-4), ("1E3", 1000.0), ("-2.5e+1", -25.0), ("5e", "5e"), ("e5", "e5")]
)
def test_numbers_as_people_write_them(text: str, value: object) -> None:
    assert read_plain(text) == value
