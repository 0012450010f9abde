"""The exceptions of Mecelle, one small family.

MecelleError
├── InputError          a file, row or text from the user cannot be used
├── ConfigError         a parameter is unknown, missing or out of range
├── ArtifactError       an artifact is absent, half-written, or of another kind
├── MismatchError       two artifacts that do not belong together (tokenizer and model, index and model)
├── LockedError         another process works on the same folder
├── ResourceError       the machine lacks disk or memory
├── MissingPackageError an optional package is not installed
├── AccountsError       documents were lost or counted twice: `seen != kept + dropped + failed`
└── TrainingError       a run cannot go on (NaN loss, loss spike)

Each message says what was found, what is allowed, and what to do. Users see the message, never a traceback;
`assert` is kept for our own invariants. `Interrupted` is none of them: it is what the user asked for.
"""

import importlib
import signal
from types import ModuleType


class Interrupted(KeyboardInterrupt):
    """A signal asked for the end, and the work was left in order; the message says where it goes on."""

    def __init__(self, message: str, *, number: int = signal.SIGINT) -> None:
        """number: of the signal; the command exits with 128 more, as shells count."""
        super().__init__(message)
        self.number = number


class MecelleError(ValueError):
    """Root of all errors that a user can mend."""


class InputError(MecelleError):
    """A file, row or text from the user cannot be used."""


class ConfigError(MecelleError):
    """A parameter is unknown, missing or out of range."""


class ArtifactError(MecelleError):
    """An artifact is absent, half-written, or of another kind."""


class MismatchError(MecelleError):
    """Two artifacts do not belong together."""


class LockedError(MecelleError):
    """Another process works on the same folder."""


class ResourceError(MecelleError):
    """The machine lacks disk or memory."""


class MissingPackageError(MecelleError):
    """An optional package is not installed."""


class AccountsError(MecelleError):
    """Documents were lost or counted twice."""


class TrainingError(MecelleError):
    """A training run cannot go on."""


def require(module: str, *, why: str, extra: str | None = None, package: str | None = None) -> ModuleType:
    """Import an optional `module`, or say which extra of Mecelle, or which package, brings it.

    Raises MissingPackageError with the install line if it is absent.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        wanted = f"-e '.[{extra}]'" if extra else f"'{package or module}'"
        raise MissingPackageError(
            f"{why} needs the package '{error.name}', which is not installed: run pip install {wanted}"
        ) from error
