"""What every loaded folder is asked for before work begins."""

from pathlib import Path

import pytest
from transformers import AutoModel, AutoModelForMaskedLM, AutoModelForTokenClassification

from mecelle.base.errors import ConfigError
from mecelle.models.loading import check_length


@pytest.mark.parametrize("kind", [AutoModel, AutoModelForMaskedLM, AutoModelForTokenClassification])
def test_of_a_roberta_the_rows_up_to_its_padding_hold_no_text(kind: type[AutoModel], roberta_folder: Path) -> None:
    model = kind.from_pretrained(roberta_folder)
    check_length(model, 20, roberta_folder)
    with pytest.raises(ConfigError, match=r"window 21 tokens: .* was made for 20; choose at most 20"):
        check_length(model, 21, roberta_folder, key="window")


def test_rotary_positions_are_all_for_text(masked_folder: Path) -> None:
    model = AutoModel.from_pretrained(masked_folder)
    check_length(model, 24, masked_folder)
    with pytest.raises(ConfigError, match="at most 24"):
        check_length(model, 25, masked_folder)
