"""The template language of the sentence banks.

`[a|b|c]` chooses one branch; branches may hold further choices. `{name}` is filled once per document and then stays
the same; `{name2}` is another value of the same kind. `{name:gen}` adds a case suffix, `{name:'gen}` with an
apostrophe, `{name:pl+gen}` two in a row, and `{name:cap}` a capital letter.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from mecelle.base.errors import ConfigError
from mecelle.sample.grammar import capital, inflect
from mecelle.sample.marks import bare

Maker = Callable[[random.Random], str]
_SLOT: Final = re.compile(r"([a-z_]+)(\d*)(?::([a-z'+]+))?$")
_PIECE: Final = re.compile(r"[\[\]|]|\{[^}]*\}|[^\[\]|{]+")
_RETRIES: Final = 8


@dataclass(frozen=True, slots=True)
class _Choice:
    branches: tuple[tuple["_Node", ...], ...]


_Node = str | _Choice


@dataclass(slots=True)
class Slots:
    """The values of one document's slots, filled on first use.

    `makers` make values by name, `words` offers lists to choose from; `values` holds what is already fixed.
    """

    rng: random.Random
    makers: Mapping[str, Maker]
    words: Mapping[str, tuple[str, ...]]
    values: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, digits: str = "") -> str:
        """The value of slot `name`. Raises ConfigError if nothing can fill it."""
        key = name + digits
        if key not in self.values:
            taken = {value for other, value in self.values.items() if other.rstrip("0123456789") == name}
            for _ in range(_RETRIES):
                value = self._make(name)
                if value not in taken:
                    break
            self.values[key] = value
        return self.values[key]

    def _make(self, name: str) -> str:
        if name in self.makers:
            return self.makers[name](self.rng)
        if name in self.words:
            return render(self.rng.choice(self.words[name]), self)
        raise ConfigError(f"slot '{name}' is unknown; makers: {sorted(self.makers)}; word lists: {sorted(self.words)}")


def render(template: str, slots: Slots) -> str:
    """Fill `template` with the values of `slots`, drawing its choices from `slots.rng`."""
    return "".join(_render(node, slots) for node in _parse(template))


def decide(template: str, rng: random.Random) -> str:
    """`template` with its choices drawn and its slots left open: what may be told several times in the same words."""
    return "".join(_decide(node, rng) for node in _parse(template))


def _decide(node: _Node, rng: random.Random) -> str:
    if isinstance(node, _Choice):
        return "".join(_decide(child, rng) for child in rng.choice(node.branches))
    return node


def _render(node: _Node, slots: Slots) -> str:
    if isinstance(node, _Choice):
        return "".join(_render(child, slots) for child in slots.rng.choice(node.branches))
    if node.startswith("{"):
        return _fill(node[1:-1], slots)
    return node


def _fill(slot: str, slots: Slots) -> str:
    match = _SLOT.match(slot)
    if match is None:
        raise ConfigError(f"slot '{{{slot}}}' is malformed; write {{name}}, {{name2}} or {{name:case}}")
    name, digits, cases = match.groups()
    value = slots.get(name, digits)
    for case in (cases or "").split("+"):
        if case == "cap":
            value = capital(value)
        elif case:
            value = _inflect_marked(value, case)
    return value


def _inflect_marked(value: str, case: str) -> str:
    """The suffix goes behind a closing mark, so that the mark covers the value alone."""
    core = bare(value)
    inflected = inflect(core, case.lstrip("'"), proper=case.startswith("'"))
    if core == value:
        return inflected
    assert inflected.startswith(core), "a marked value must keep its stem"
    return value + inflected[len(core) :]


@cache
def _parse(template: str) -> tuple[_Node, ...]:
    pieces = _PIECE.findall(template)
    nodes, rest = _branches(pieces, 0, top=True)
    if rest != len(pieces):
        raise ConfigError(f"template has a ']' too many: {template[:60]!r}")
    return nodes[0]


def _branches(pieces: list[str], at: int, *, top: bool) -> tuple[list[tuple[_Node, ...]], int]:
    branches: list[list[_Node]] = [[]]
    while at < len(pieces):
        piece = pieces[at]
        if piece == "[":
            inner, at = _branches(pieces, at + 1, top=False)
            branches[-1].append(_Choice(tuple(inner)))
        elif piece == "]":
            if top:
                return [tuple(branch) for branch in branches], at
            return [tuple(branch) for branch in branches], at + 1
        elif piece == "|" and not top:
            branches.append([])
            at += 1
        else:
            branches[-1].append(piece)
            at += 1
    if not top:
        raise ConfigError(f"template has a '[' that is not closed: {''.join(pieces)[:60]!r}")
    return [tuple(branch) for branch in branches], at
