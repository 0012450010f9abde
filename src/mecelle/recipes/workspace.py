"""A workspace: a recipe written out as a DVC project that the user owns: `dvc.yaml`, one `params.yaml`, a README."""

import contextlib
import logging
import os
import re
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mecelle.base import config as configuration
from mecelle.base.allocator import ALLOCATOR
from mecelle.base.config import Config
from mecelle.base.errors import ConfigError, InputError, LockedError, MecelleError, require
from mecelle.base.locks import INTERRUPTED_NOTE, describe_owner, is_locked, lock
from mecelle.base.progress import Progress
from mecelle.corpus.takedown_log import LOG
from mecelle.recipes.graph import Stage

PARAMETERS = "params.yaml"
GRAPH = "dvc.yaml"
DVC_INTERRUPTED = 252
"""What DVC returns after Ctrl-C."""

README = """# A workspace of Mecelle: {title}

Recipe `{name}` at scale `{scale}`. You own every file here.

    mecelle check                 what will run, on what, how long it will take, how much memory
    mecelle run                   runs what is missing or changed; Ctrl-C and run again to go on
    mecelle run STAGE             up to one stage: {stages}
    mecelle search "..."          asks the index
    mecelle report                writes report.html
    mecelle lineage ID            what became of a document, and which optimizer steps saw it
    mecelle takedown ID           a document and its copies leave every later build and the index, with a receipt
    mecelle run --retrain         also trains on documents that came after the first run

- `params.yaml` holds every parameter; a changed one redoes its stage and what follows from it.
- `dvc.yaml` holds the graph; the data stand in its first stage (both in `cmd` and in `deps`).
- `artifacts/` holds the results, each with its record `*.run.json`; `work/` holds checkpoints and caches.
- `takedowns.jsonl` is the log of takedowns, `takedowns/` holds their receipts; keep both.
- `dvc params diff`, `dvc metrics diff` and `dvc dag` work here.
"""


def write(
    folder: Path, *, name: str, scale: str, title: str, recipe: Config, stages: Sequence[Stage], force: bool = False
) -> None:
    """Write the workspace and make it a DVC project.

    Raises InputError if `folder` holds something already, unless `force`, which rewrites the three files only.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; a workspace needs a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise InputError(
            f"{folder}: not empty; choose a new folder, or --force to rewrite its dvc.yaml and params.yaml"
        )
    require("dvc.cli", extra="workspace", why="a workspace")
    folder.mkdir(parents=True, exist_ok=True)
    values: dict[str, Any] = {"recipe": name, "scale": scale, **configuration.dump(recipe)}
    values["versions"] = {stage.name: stage.version for stage in stages}
    _write_yaml(
        folder / PARAMETERS, values, f"# All parameters of recipe {name} at scale {scale}. Unknown keys are refused."
    )
    graph = {"stages": {stage.name: stage.as_dvc() for stage in stages}}
    _write_yaml(folder / GRAPH, graph, "# The stages, as DVC runs them. Each command works alone, too.")
    (folder / LOG).touch()  # DVC takes no dependency that is not there
    text = README.format(name=name, scale=scale, title=title, stages=", ".join(stage.name for stage in stages))
    if not (folder / "README.md").exists():
        (folder / "README.md").write_text(text, encoding="utf-8")
    if not (folder / ".dvc").exists():
        _dvc(folder, "init", "--no-scm", "--quiet")
        _dvc(folder, "config", "core.analytics", "false")
        _dvc(folder, "config", "core.check_update", "false")
        # Links instead of copies where the file system has them: a corpus is not stored twice.
        _dvc(folder, "config", "cache.type", "reflink,hardlink,copy")


def parameters(folder: Path, recipe: type[Config]) -> Config:
    """The typed recipe that `params.yaml` holds. Raises ConfigError that names the key at fault."""
    values = _read_parameters(folder)
    for key in ("recipe", "scale", "versions"):
        values.pop(key, None)
    return configuration.parse(recipe, values, where=PARAMETERS)


def planted_truth(folder: Path) -> Path | None:
    """The truth of the sample that the workspace was made for; None for a user's own data."""
    path = folder / GRAPH
    stages = (configuration.read_yaml(path) or {}).get("stages", {}) if path.exists() else {}
    words = shlex.split(stages.get("report", {}).get("cmd", ""))
    return Path(words[words.index("--truth") + 1]) if "--truth" in words else None


def recipe_name(folder: Path) -> tuple[str, str]:
    """Recipe and scale that the workspace was written from."""
    values = _read_parameters(folder)
    if "recipe" not in values:
        raise ConfigError(f"{folder / PARAMETERS}: key 'recipe' is missing; it names the recipe, such as 'house'")
    return str(values["recipe"]), str(values.get("scale", ""))


def run(
    folder: Path,
    *,
    target: str | None,
    versions: Mapping[str, int],
    retrain: bool = False,
    wait: bool = True,
    snapshot: str = "snapshot",
) -> None:
    """Reproduce the workspace, or up to the stage `target`: what has not changed is not done again.

    A trainer that outlived a killed run is waited for, since its work counts; with `wait=False` it is an error.
    Raises LockedError if another run is at work here; MecelleError if a stage fails.
    """
    stages = _stage_names(folder)
    if target and target not in stages:
        raise ConfigError(f"{folder / GRAPH}: stage '{target}' is not in it{configuration.nearest(target, stages)}")
    with lock(folder / "work" / ".locks" / "run.lock", doing="mecelle run"):
        _outlive_orphans(folder, wait=wait)
        _refresh_versions(folder, versions)
        code = 0
        note = (folder / "work" / ".locks" / "interrupted").resolve()
        note.unlink(missing_ok=True)
        os.environ[INTERRUPTED_NOTE] = str(note)
        if retrain:
            _forget(folder / snapshot)
            # The corpus keeps what the old snapshot settled; without it, it is built as on the first day.
            code = _dvc(folder, "repro", "--force", "--single-item", "corpus", check=False)
        code = code or _dvc(folder, "repro", *([target] if target else []), check=False)
    if code == DVC_INTERRUPTED or (code and note.exists()):
        raise KeyboardInterrupt
    if code:
        raise MecelleError(f"{folder}: the stage above failed; mend what it says and run `mecelle run` again to go on")


def _outlive_orphans(folder: Path, *, wait: bool) -> None:
    for path in sorted(folder.glob("artifacts/.locks/*.lock")):
        if not is_locked(path):
            continue
        if not wait:
            raise LockedError(f"{folder}: {describe_owner(path)}, left over from a run that was killed")
        with Progress(f"waiting: {describe_owner(path)}, left over from a run that was killed", unit="seconds") as bar:
            while is_locked(path):
                time.sleep(1)
                bar.advance(1)


def _refresh_versions(folder: Path, versions: Mapping[str, int]) -> None:
    """Write the versions of the installed code into params.yaml, so that DVC redoes stages whose code has changed."""
    path = folder / PARAMETERS
    text, values = path.read_text(encoding="utf-8"), _read_parameters(folder)
    if values.get("versions") == dict(versions):
        return
    block = yaml.safe_dump({"versions": dict(versions)}, sort_keys=False)
    # Only this block: the rest of the file, with its comments, is the user's.
    kept, found = re.subn(r"(?m)^versions:.*\n(?:[ \t]+.*\n?|\n)*", lambda _: block, text)
    path.write_text(kept if found else f"{text.rstrip()}\n{block}", encoding="utf-8")


def _forget(snapshot: Path) -> None:
    if snapshot.is_dir():
        for path in snapshot.iterdir():
            path.unlink()
        snapshot.rmdir()


def _stage_names(folder: Path) -> list[str]:
    path = folder / GRAPH
    if not path.exists():
        raise InputError(f"{folder}: no {GRAPH} here; a workspace is made by `mecelle new RECIPE DIR --data PATH`")
    return list((configuration.read_yaml(path) or {}).get("stages", {}))


def _read_parameters(folder: Path) -> dict[str, Any]:
    path = folder / PARAMETERS
    if not path.exists():
        raise InputError(f"{folder}: no {PARAMETERS} here; a workspace is made by `mecelle new RECIPE DIR --data PATH`")
    values = configuration.read_yaml(path)
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(values).__name__}")
    return dict(values)


def _write_yaml(path: Path, values: Mapping[str, Any], comment: str) -> None:
    text = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(f"{comment}\n{text}" if comment else text, encoding="utf-8")


def _dvc(folder: Path, *arguments: str, check: bool = True) -> int:
    """Run DVC on `folder`; its stages find this environment's `mecelle` and the allocator's settings.

    In this process, so that killing `mecelle run` ends the chain too; only the stage at work lives on, and holds its
    lock.
    """
    dvc = require("dvc.cli", extra="workspace", why="a workspace")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    os.environ.update({"DVC_NO_ANALYTICS": "1", **ALLOCATOR, **os.environ, "PATH": path})
    with contextlib.chdir(folder), _without_noise():
        code: int = dvc.main(list(arguments))
    if check and code:
        raise MecelleError(f"{folder}: `dvc {' '.join(arguments)}` failed with exit code {code}")
    return code


@contextlib.contextmanager
def _without_noise() -> Iterator[None]:
    """DVC ends each run with the advice to push to a remote storage, which a workspace does not have, and warns before
    each stage that the log of takedowns is empty, as it ought to be."""
    ui = require("dvc.ui", extra="workspace", why="a workspace").ui
    write, output = ui.write, logging.getLogger("dvc.output")

    def but_the_hint(*objects: Any, **how: Any) -> None:
        if not any("dvc push" in str(one) for one in objects):
            write(*objects, **how)

    def but_the_log(record: logging.LogRecord) -> bool:
        return record.getMessage() != f"'{LOG}' is empty."

    ui.write = but_the_hint
    output.addFilter(but_the_log)
    try:
        yield
    finally:
        del ui.write
        output.removeFilter(but_the_log)
