"""A registry that finds implementations by listing a folder: a new one is a new file, with no list to edit."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from mecelle.base.config import nearest
from mecelle.base.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named implementations of one idea, one file each in `package`.

    Names carry a version ("short_text.v1"), so that an old recipe keeps its meaning. A module that fails to import
    fails loudly, since a silent gap would change results.
    """

    def __init__(self, package: str, *, kind: str) -> None:
        """package: dotted name of the folder that is listed; kind: what a person calls its members ("filter")."""
        self.package = package
        self.kind = kind
        self._members: dict[str, T] = {}
        self._listed = False

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that files a class or function under `name`."""

        def file(member: T) -> T:
            known: Any = self._members.get(name)
            assert known is None or known.__module__ == member.__module__, f"two {self.kind}s are called {name!r}"
            self._members[name] = member
            return member

        return file

    def names(self) -> list[str]:
        """All registered names, sorted."""
        self._list()
        return sorted(self._members)

    def get(self, name: str) -> T:
        """The member called `name`. Raises ConfigError that offers the nearest name."""
        self._list()
        if name not in self._members:
            raise ConfigError(f"{self.kind} '{name}' is not registered{nearest(name, self.names())}")
        return self._members[name]

    def _list(self) -> None:
        if not self._listed:
            package = importlib.import_module(self.package)
            for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
                importlib.import_module(f"{self.package}.{module}")
            self._listed = True
