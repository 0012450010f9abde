"""A run that goes on with the optimizer and the schedule of another, as one stretch of a longer training.

<model>/optimizer.pt   what the optimizer remembers at the end of a stretch, beside the model
"""

import warnings
from pathlib import Path
from typing import Any

import torch

from mecelle.base.errors import ArtifactError, MismatchError

FILE = "optimizer.pt"
RATES = ("lr", "initial_lr", "max_lr")
"""Of a group of weights, what the schedule of a run sets; all else of it goes on (some optimizers count steps there).
"""


def save_state(optimizer: Any, folder: Path) -> None:
    """Write what the optimizer remembers beside the model that it has trained."""
    torch.save(optimizer.state_dict(), folder / FILE)


def check_state(model: Path | str) -> Path:
    """The state that lies beside the model. Raises ArtifactError if there is none."""
    path = Path(model) / FILE
    if not path.is_file():
        raise ArtifactError(
            f"{model}: no {FILE} in it, so that its training cannot go on; train it with `stretch`, too, or with a "
            "curriculum of `restart: false`"
        )
    return path


def load_state(optimizer: Any, model: Path | str) -> None:
    """Let the optimizer remember what that of `model` did; its rates stay its own.

    Raises what `check_state` raises, and MismatchError if the state is of other weights or another optimizer.
    """
    path = check_state(model)
    saved = torch.load(path, weights_only=True, map_location="cpu")
    own = optimizer.state_dict()["param_groups"]
    if len(saved["param_groups"]) != len(own) or any(
        not group.keys() <= before.keys() for before, group in zip(saved["param_groups"], own, strict=True)
    ):
        raise MismatchError(
            f"{path}: of another optimizer than this run's; go on with the one that the model was trained with"
        )
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for place, weight in enumerate(weights):
        moments = saved["state"].get(place, {}).values()
        found = {tuple(one.shape) for one in moments if torch.is_tensor(one) and one.ndim}
        if not found <= {tuple(weight.shape)} or place not in saved["state"]:
            raise MismatchError(f"{path}: not of these weights (weight {place}: {tuple(weight.shape)}, found {found})")
    groups = [
        before | {name: group[name] for name in RATES if name in group}
        for before, group in zip(saved["param_groups"], own, strict=True)
    ]
    optimizer.load_state_dict({"state": saved["state"], "param_groups": groups})


def advance(schedule: Any, steps: int) -> None:
    """Bring a new schedule to where it is after `steps`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the steps of the optimizer that torch misses were another run's
        for _ in range(steps):
            schedule.step()
