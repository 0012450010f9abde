"""What cards a recipe's encoder is estimated for, and what is said when a batch does not fit."""

import pytest

from mecelle.base.config import Config
from mecelle.encoder.config import EncoderConfig
from mecelle.encoder.shapes import MECELLEM_BASE, MECELLEM_LARGE, TINY
from mecelle.recipes.encoder_check import cluster, encoder_configs, speed
from mecelle.training.cards import UTILISATION

BASE = EncoderConfig(shape=MECELLEM_BASE, sequence_length=1024, tokens_per_step=1024 * 64, rows_per_batch=64)


@pytest.mark.parametrize(
    ("recipe", "scale", "shape", "cards", "name"),
    [
        ("mecellem-encoder", "paper", MECELLEM_BASE, 64, "H100 64 GB"),
        ("mecellem-encoder", "paper", MECELLEM_LARGE, 128, "H100 64 GB"),
        ("hukukbert", "paper", MECELLEM_BASE, 1, "H200"),
        ("house", "gpu", MECELLEM_BASE, 1, "A100 80 GB"),
    ],
)
def test_paper_scale_has_the_cards_of_the_paper(recipe: str, scale: str, shape: object, cards: int, name: str) -> None:
    found = cluster(recipe, scale, BASE.model_copy(update={"shape": shape}))
    assert found is not None
    assert (found.cards, found.card.name) == (cards, name)


def test_small_scales_are_for_this_machine() -> None:
    assert cluster("house", "laptop", BASE) is None


def test_speed_is_peak_times_utilisation_over_operations() -> None:
    on = cluster("mecellem-encoder", "paper", BASE)
    found = speed(BASE, vocabulary=59_008, on=on)
    operations = (
        836_558_438.4  # 3 * (22 layers' matrices + attention of 8 global and 14 local layers + 0.3 of the head)
    )
    assert found.tokens_per_second == pytest.approx(64 * 989e12 * UTILISATION / operations)
    assert "57 of 64 GiB" in found.assumption


def test_what_does_not_fit_is_told_with_what_would() -> None:
    large = EncoderConfig(shape=MECELLEM_LARGE, sequence_length=2048, tokens_per_step=2048 * 64, rows_per_batch=64)
    told = speed(large, vocabulary=59_008, on=cluster("mecellem-encoder", "paper", large)).assumption
    assert "197 GiB do not fit into 64; at most 19 rows_per_batch, or 61 GiB with `recompute: true`" in told


class Inside(Config):
    """A section that an encoder's parameters stand in."""

    training: EncoderConfig = EncoderConfig()
    method: str = "mean.v1"


class Whole(Config):
    """Parameters of a recipe."""

    seed: int = 1
    encoder: EncoderConfig = EncoderConfig(shape=TINY)
    adapt: Inside = Inside()


def test_encoders_are_found_in_sections_and_in_what_stands_there() -> None:
    assert list(encoder_configs(Whole())) == ["encoder", "adapt"]
