"""A loss that jumps and stays up stops the run, and so does what is no number; one odd batch does not; a resumed run
judges as the whole one. Whole trainings: tests/encoder/test_not_finite.py."""

import random
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from mecelle.base.errors import TrainingError
from mecelle.training.loss_guard import LossGuard
from mecelle.training.spikes import Spikes

SCHEDULER: Any = SimpleNamespace(get_last_lr=lambda: [1e-3])


def feed(guard: LossGuard, losses: list[float], *, first: int = 1, model: torch.nn.Module | None = None) -> None:
    """Steps of two batches each."""
    for step, loss in enumerate(losses, start=first):
        for _ in range(2):
            guard.add(torch.tensor(loss / 2, dtype=torch.float64))
        state: Any = SimpleNamespace(global_step=step - 1)
        guard.on_pre_optimizer_step(None, state, None, model=model, lr_scheduler=SCHEDULER)  # type: ignore[arg-type]


def falling(count: int, *, seed: int = 0) -> list[float]:
    """A curve as trainings have it: from 9 towards 3, with noise and heavy tails."""
    rng = random.Random(seed)
    return [3 + 6 * 0.97**n + 0.05 * rng.gauss(0, 1) + (0.15 if rng.random() < 0.02 else 0) for n in range(count)]


def test_ordinary_curves_have_no_spikes() -> None:
    for seed in range(20):
        guard = LossGuard(Spikes())
        feed(guard, falling(1_000, seed=seed))
        assert guard.found == []


def test_a_rise_that_stays_stops_the_run_and_says_how_to_go_on() -> None:
    guard = LossGuard(Spikes())
    with pytest.raises(TrainingError, match=r"steps 201 to 203: the loss is 8\.000 where it was 3\.\d+ .*action: skip"):
        feed(guard, [*falling(200), 6.0, 7.0, 8.0])
    assert guard.found == [201, 202, 203]


def test_one_odd_batch_is_counted_and_the_run_goes_on() -> None:
    guard = LossGuard(Spikes())
    feed(guard, [*falling(200), 8.0, 8.0, *falling(200)[-50:], 8.0])
    assert guard.found == [201, 202, 253]
    assert guard.skipped == []


def test_a_slow_rise_is_no_spike_since_the_window_follows() -> None:
    guard = LossGuard(Spikes())
    feed(guard, [*falling(300), *(3 + 0.002 * n + 0.05 * (n % 3) for n in range(300))])
    assert guard.found == []


def test_skipped_steps_leave_the_weights_alone() -> None:
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.1)
    guard = LossGuard(Spikes(action="skip"))
    feed(guard, falling(100))
    before = model.weight.detach().clone()
    model(torch.ones(1, 2)).sum().backward()
    feed(guard, [9.0], first=101, model=model)
    optimizer.step()
    assert torch.equal(model.weight, before)
    assert guard.skipped == [101]
    with pytest.raises(TrainingError, match="did not help"):
        feed(guard, [9.0, 9.0], first=102, model=model)


def test_ignore_goes_on() -> None:
    guard = LossGuard(Spikes(action="ignore"))
    feed(guard, [*falling(100), *[9.0] * 10])
    assert len(guard.found) == 10


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_no_number_stops_at_once_whatever_the_action(loss: float) -> None:
    with pytest.raises(TrainingError, match="step 1: the loss is"):
        feed(LossGuard(Spikes(action="ignore")), [loss])


@pytest.mark.parametrize("torn_at", [40, 101, 103])
def test_a_resumed_guard_judges_as_the_whole_one(torn_at: int) -> None:
    losses = [*falling(100), 8.0, *falling(100)[-10:], 3.9, 8.0]
    whole, torn = LossGuard(Spikes(action="skip")), LossGuard(Spikes(action="skip"))
    model = torch.nn.Linear(1, 1)
    feed(whole, losses, model=model)
    feed(torn, losses[:torn_at], model=model)
    resumed = LossGuard(Spikes(action="skip"))
    state: Any = SimpleNamespace(stateful_callbacks={"LossGuard": torn.state()}, global_step=torn_at)
    resumed.on_train_begin(None, state, None)  # type: ignore[arg-type]
    feed(resumed, losses[torn_at:], first=torn_at + 1, model=model)
    assert resumed.state() == whole.state()
    assert whole.found


def test_no_checkpoint_amid_spikes() -> None:
    guard = LossGuard(Spikes())
    feed(guard, [*falling(100), 8.0])
    control: Any = SimpleNamespace(should_save=True)
    state: Any = SimpleNamespace(global_step=101, max_steps=500)
    assert not guard.on_step_end(None, state, control).should_save  # type: ignore[arg-type]
    feed(guard, [3.3], first=102)
    control.should_save = True
    assert guard.on_step_end(None, state, control).should_save  # type: ignore[arg-type]


def finish(guard: LossGuard, step: int, model: torch.nn.Module, *, save: bool) -> None:
    """The end of a step after which a checkpoint is to be saved, or is not."""
    state: Any = SimpleNamespace(global_step=step, max_steps=500)
    control: Any = SimpleNamespace(should_save=save)
    guard.on_step_end(None, state, control, model=model)  # type: ignore[arg-type]
    if save:
        guard.on_save(None, state, control)  # type: ignore[arg-type]


@pytest.mark.parametrize("norm", [float("nan"), float("inf")])
@pytest.mark.parametrize("handed_over", [True, False])
def test_a_gradient_that_is_no_number_stops_before_the_step(norm: float, *, handed_over: bool) -> None:
    guard, model = LossGuard(Spikes(action="skip")), torch.nn.Linear(2, 1)
    model.weight.grad = torch.tensor([[0.5, norm]])
    if handed_over:
        guard.gradient_norm = torch.tensor(norm)
    with pytest.raises(
        TrainingError, match=rf"step 7: the loss is 3\.000, but the norm of its gradient {norm}.*no check"
    ):
        feed(guard, [3.0], first=7, model=model)


def test_a_norm_is_of_one_step() -> None:
    """What was handed over for the step before says nothing about this one."""
    guard, model = LossGuard(Spikes()), torch.nn.Linear(2, 1)
    guard.gradient_norm = torch.tensor(1.0)
    feed(guard, [3.0], model=model)
    model.bias.grad = torch.tensor([float("nan")])
    with pytest.raises(TrainingError, match="step 2"):
        feed(guard, [3.0], first=2, model=model)


def test_what_is_said_of_the_last_checkpoint_is_true() -> None:
    """Weights are looked at before they are saved: finite gradients do not keep a step from being too long."""
    guard, model = LossGuard(Spikes()), torch.nn.Linear(2, 1)
    finish(guard, 4, model, save=True)
    with torch.no_grad():
        model.weight[0, 0] = float("inf")
    finish(guard, 5, model, save=False)
    with pytest.raises(TrainingError, match=r"step 6: the norm of the weights is inf .* checkpoint of step 4 is sound"):
        finish(guard, 6, model, save=True)
    with pytest.raises(TrainingError, match=r"step 7: the loss is nan .* The checkpoint of step 4 is sound"):
        feed(guard, [float("nan")], first=7)


def test_fp16_may_leave_steps_out_until_its_scale_is_no_reason() -> None:
    """The scaler leaves out steps that overflow and halves its scale, by design; from 1 on the scale is not why."""
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    guard = LossGuard(Spikes())
    guard.scaler = scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    before = model.weight.detach().clone()

    def step(number: int, factor: float) -> None:
        optimizer.zero_grad()
        scaler.scale(model(torch.ones(1, 2)).sum() * factor).backward()
        scaler.unscale_(optimizer)
        guard.gradient_norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        feed(guard, [3.0], first=number, model=model)
        scaler.step(optimizer)
        scaler.update()

    step(1, 1e38)  # finite, but not eight times that
    assert scaler.get_scale() == 4.0
    assert torch.equal(model.weight, before)
    step(2, 1.0)
    assert not torch.equal(model.weight, before)
    step(3, float("inf"))
    step(4, float("inf"))
    with pytest.raises(TrainingError, match="step 5: the loss is"):
        step(5, float("inf"))
    assert scaler.get_scale() == 1.0
