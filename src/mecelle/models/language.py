"""From the name of a language model to the model, masked or causal as its own configuration says."""

from pathlib import Path

import orjson

from mecelle.base.errors import ArtifactError
from mecelle.models.causal import CausalModel, load_text_scorer
from mecelle.models.folders import find_folder
from mecelle.models.masked import MaskedModel, load_mask_filler


def load_language_model(
    name: str | Path, *, device: str = "cpu", batch_size: int = 32, max_length: int | None = None
) -> MaskedModel | CausalModel:
    """The language model called `name`: a folder or a hub id.

    Raises ArtifactError if its config.json names neither a masked nor a causal language model.
    """
    folder = find_folder(name)
    config = folder / "config.json"
    named = orjson.loads(config.read_bytes()).get("architectures") or [] if config.is_file() else []
    if any(architecture.endswith(("ForMaskedLM", "ForPreTraining")) for architecture in named):
        return load_mask_filler(name, device=device, batch_size=batch_size, max_length=max_length)
    if any(architecture.endswith(("ForCausalLM", "LMHeadModel")) for architecture in named):
        return load_text_scorer(name, device=device, batch_size=batch_size, max_length=max_length)
    raise ArtifactError(
        f"{folder}: {', '.join(named) or 'no architecture'} in its config.json is no language model: expected one that "
        "ends in ForMaskedLM or ForCausalLM. An embedding model has lost its head; give the pre-trained model"
    )
