"""Models that PyPI packages carry: no hub needed. One file each, called by `package:` and the registered name."""

from collections.abc import Callable
from pathlib import Path

from mecelle.base.protocols import TextEncoder
from mecelle.base.registry import Registry

PACKAGED: Registry[Callable[..., TextEncoder]] = Registry(__name__, kind="packaged model")
"""Name -> class, called with the keywords batch_size, max_length (None: no limit), threads and precision."""

PACKAGED_FOLDERS: Registry[Callable[[], Path]] = Registry(__name__, kind="packaged model with a folder")
"""Name -> what gives the model as an ordinary folder, which can be trained on and scored; written when first asked."""
