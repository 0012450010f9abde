"""What every loaded folder has in common: a device that exists, and one error when it does not load."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mecelle.base.errors import ArtifactError, ConfigError, require


def check_device(device: str) -> None:
    """Raise ConfigError unless torch can put a tensor on `device` ("cpu", "cuda", "cuda:1", "mps")."""
    torch = require("torch", extra="train", why=f"The device '{device}'")
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = next(iter(str(error).strip().splitlines()), "no message")
        found = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
        found += ["mps"] if torch.backends.mps.is_available() else []
        raise ConfigError(
            f"device '{device}': torch cannot use it ({reason}); here are: {', '.join(['cpu', *found])}"
        ) from error


@contextmanager
def told_when_unloadable(folder: Path, what: str) -> Iterator[None]:
    """Turn the many errors of the loaders into one ArtifactError. what: what the folder should be ("an encoder")."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).strip().splitlines()), "no message")
        raise ArtifactError(
            f"{folder}: does not load as {what} ({type(error).__name__}: {reason}); was it written to the end, by this "
            "version of the libraries?"
        ) from error
