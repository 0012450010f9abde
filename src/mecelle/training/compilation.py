"""Whether to compile a model before it is trained: faster steps for a slower start."""

import logging
import warnings
from functools import cache

import torch

from mecelle.base.errors import ResourceError

LOGGER = logging.getLogger(__name__)

WORTH_OPERATIONS = 2e14
"""Operations of a run that "auto" compiles from: ten minutes of two cores, of which compiling takes about one."""


def resolve(compilation: str, *, operations: float) -> bool:
    """ "auto" compiles long runs on a processor, where a compiler of C++ is at hand; on GPUs it was never measured.

    operations: floating-point operations of the whole run. Raises ResourceError if it is "on" and nothing compiles.
    """
    if compilation == "off" or (compilation == "auto" and (operations < WORTH_OPERATIONS or torch.cuda.is_available())):
        return False
    found = fault()
    if found and compilation == "on":
        raise ResourceError(
            f'compilation: "on", but torch.compile fails here: {found}. Install g++ and the headers of Python '
            '(Debian: g++ python3-dev), or set compilation: "auto" or "off"'
        )
    if found:
        LOGGER.warning("Training uncompiled, about a tenth slower: %s", found)
    return not found


@cache
def fault() -> str | None:
    """What keeps torch from compiling, found by compiling something small; None if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch deprecates parts of itself that it still uses
            torch.compile(lambda x: x.sin() + 1, dynamic=False)(torch.ones(8))
    except Exception as error:  # every missing tool raises something else
        return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return None
