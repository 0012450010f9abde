"""What models have in common that are made out of other models: a card that names the base and its licence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import metadata_load

from mecelle.base.config import Config
from mecelle.models.folders import PACKAGE_PREFIX, find_folder

_WITHOUT_CARD = {
    "package:e5": {"base_model": "intfloat/multilingual-e5-small", "license": "mit"},
    "package:smollm2": {"base_model": "HuggingFaceTB/SmolLM2-135M-Instruct", "license": "apache-2.0"},
}
"""Of models whose packages bring weights alone: what their cards on the hub say."""
CARD = """---
{front}---

# {title}

Made with Mecelle out of {base}.

{paragraphs}
```python
from sentence_transformers import {loader}

model = {loader}("path/to/this/folder")
```
"""


class Provenance(Config):
    """What the card says of the base, where the base's own card does not say it."""

    licence: str | None = None
    """Licence of the weights, as the hub writes it ("mit", "apache-2.0"); null takes that of the base's card."""
    base_name: str | None = None
    """What the base is called in public ("intfloat/multilingual-e5-small"); null takes that of its card, or its own."""


def front_matter(folder: Path) -> dict[str, Any]:
    """The metadata at the top of the model card in `folder`; empty without a card, or without metadata in it."""
    card = folder / "README.md"
    return (metadata_load(card) or {}) if card.is_file() else {}


def own_name(model: Path | str) -> str:
    """The name of the model's folder, or the id by which it was given."""
    place = Path(model).expanduser()
    return place.name if place.is_dir() else str(model)


def name_and_licence(model: Path | str) -> tuple[str, str | None]:
    """What the model is called in public, and the licence of its weights, None where nobody states it.

    model: as `find_folder` takes it. A folder, or what a package carries, is called after the model it was made of, by
    its card; a model of the hub by its id.
    """
    theirs = front_matter(find_folder(model)) or _WITHOUT_CARD.get(str(model), {})
    place, licence, own = Path(model).expanduser(), theirs.get("license"), own_name(model)
    is_of_hub = not place.is_dir() and not str(model).startswith(PACKAGE_PREFIX)
    return own if is_of_hub else str(theirs.get("base_model") or own), str(licence) if licence else None


def write_derived_card(
    folder: Path,
    *,
    base: Path | str,
    title: str,
    paragraphs: Sequence[str],
    provenance: Provenance,
    loader: str = "SentenceTransformer",
) -> None:
    """Write README.md into `folder`. base: the model it was made of, as it was given, since a folder of the hub's cache
    has a hash for a name. Nothing in it tells the time or a path."""
    name, licence = name_and_licence(base)
    name, licence = provenance.base_name or name, provenance.licence or licence
    front: dict[str, Any] = {
        "language": "tr",
        "library_name": "sentence-transformers",
        "pipeline_tag": "sentence-similarity",
        "tags": ["sentence-transformers", "legal", "mecelle"],
        "base_model": name,
    }
    if licence:
        front["license"] = licence
    text = CARD.format(
        front=yaml.safe_dump(front, allow_unicode=True, sort_keys=False),
        title=title,
        base=f"{name} (licence: {licence or 'not stated; find it out before you share this model'})",
        paragraphs="".join(f"{paragraph}\n\n" for paragraph in paragraphs),
        loader=loader,
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
