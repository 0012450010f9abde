"""A model folder to the Hugging Face hub: what would go there, and why it may not yet."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from huggingface_hub import HfApi

from mecelle.base.errors import ArtifactError, ConfigError, InputError
from mecelle.embedding.derived import front_matter

KEPT_BACK = ("*.partial", "*.lock", "*.run.json", "artifact.json", ".*")
"""Files and folders of the making, not of the model, and whatever is hidden (.git, .cache with its tokens)."""
WEIGHTS = (".safetensors", ".onnx", ".bin")
REPOSITORY_PARTS = 2


@dataclass(frozen=True)
class Parcel:
    """What goes to the hub."""

    folder: Path
    repository: str
    licence: str
    files: tuple[tuple[str, int], ...]
    """Names and sizes in bytes, sorted."""

    @property
    def total_bytes(self) -> int:
        """Of all files."""
        return sum(size for _, size in self.files)


def parcel(folder: Path, repository: str) -> Parcel:
    """What `push` would send, after all checks that need no network.

    Raises ConfigError for a repository that is not `owner/name`, ArtifactError for a folder without weights, or
    without a card (README.md) that names its licence.
    """
    if repository.count("/") != REPOSITORY_PARTS - 1 or not all(repository.split("/")):
        raise ConfigError(f"repository '{repository}': expected owner/name, such as my-court/legal-embedding")
    if not folder.is_dir():
        raise ArtifactError(f"{folder}: no such folder; give the folder of a model")
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    files = tuple((name.as_posix(), (folder / name).stat().st_size) for name in names if not _kept_back(name))
    if not any(name.endswith(WEIGHTS) for name, _ in files):
        raise ArtifactError(f"{folder}: no weights in it (*{', *'.join(WEIGHTS)}); give the folder of a model")
    if not (folder / "README.md").is_file():
        raise ArtifactError(f"{folder}: no card (README.md); nothing is shared that does not say what it is. Write one")
    licence = front_matter(folder).get("license")
    if not licence:
        raise ArtifactError(
            f"{folder / 'README.md'}: no licence; put a line 'license: apache-2.0' (or what holds for the weights and "
            "their base) between the --- at its top"
        )
    return Parcel(folder, repository, str(licence), files)


def push(sent: Parcel, *, private: bool = True) -> str:
    """Send it; returns where it can be seen. The token is that of `hf auth login` or of HF_TOKEN.

    Raises InputError if the hub refuses.
    """
    api = HfApi()
    try:
        api.create_repo(sent.repository, private=private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=sent.repository, folder_path=sent.folder, allow_patterns=[name for name, _ in sent.files]
        )
    except (OSError, ValueError) as error:  # the hub's own errors are kinds of these two
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"the hub does not take '{sent.repository}' ({reason}); log in with `hf auth login`, and check the name"
        ) from error
    return str(commit.repo_url)


def _kept_back(name: Path) -> bool:
    """name: within the model's folder, which itself may lie in a hidden one."""
    return any(fnmatchcase(part, pattern) for part in name.parts for pattern in KEPT_BACK)
