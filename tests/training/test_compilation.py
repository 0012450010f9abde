"""When a model is compiled, and what is said where nothing can be."""

import pytest
import torch

from mecelle.base.errors import ResourceError
from mecelle.training import compilation


def test_short_runs_are_not_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "fault", lambda: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert not compilation.resolve("auto", operations=compilation.WORTH_OPERATIONS / 2)
    assert compilation.resolve("auto", operations=compilation.WORTH_OPERATIONS * 2)
    assert compilation.resolve("on", operations=1.0)
    assert not compilation.resolve("off", operations=1e20)


def test_without_a_compiler_auto_goes_on_and_on_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "fault", lambda: "no g++")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert not compilation.resolve("auto", operations=1e20)
    with pytest.raises(ResourceError, match=r"no g\+\+.*g\+\+ python3-dev"):
        compilation.resolve("on", operations=1.0)


def test_what_keeps_torch_from_compiling_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no C++ compiler\nand a long trace")

    monkeypatch.setattr(torch, "compile", refuse)
    compilation.fault.cache_clear()
    assert compilation.fault() == "no C++ compiler"
    compilation.fault.cache_clear()
