"""Real text that Python itself carries, for a first look without data: programs, English prose, mathematics.

Sources and documentation strings of the standard library of the Python that runs (PSF License 2.0). Its version decides
the text, so that only the bundled sample uses it.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson

PROGRAMS = ("bisect", "colorsys", "contextlib", "copy", "fnmatch", "heapq", "sched", "shlex", "textwrap", "typing")
PROSE = ("argparse", "collections", "datetime", "functools", "itertools", "json", "logging", "pathlib", "subprocess")
MATHEMATICS = ("cmath", "decimal", "fractions", "math", "random", "statistics")
LEAST_CHARACTERS = 200
LICENCE = "PSF-2.0"


def write_python_texts(path: Path) -> None:
    """Write JSON Lines with `lang` and `domain`, by which a mixture finds its sources."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in _rows()))


def _rows() -> Iterator[dict[str, Any]]:
    for name in PROGRAMS:
        yield _row(name, "python", "code", inspect.getsource(import_module(name)))
    for domain, names in (("documentation", PROSE), ("math", MATHEMATICS)):
        for name in names:
            for place, text in _documentation(import_module(name)):
                yield _row(f"{name}.{place}", "en", domain, text)


def _documentation(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Documentation of a module's public functions and classes, and that of the methods of a class as one."""
    for name, member in sorted(vars(module).items()):
        if name.startswith("_") or getattr(member, "__module__", None) != module.__name__:
            continue
        inside = sorted(vars(member).items()) if inspect.isclass(member) else []
        parts = [inspect.getdoc(one) for one in (member, *(value for key, value in inside if not key.startswith("_")))]
        text = "\n\n".join(dict.fromkeys(part for part in parts if part))
        if len(text) >= LEAST_CHARACTERS:
            yield name, text


def _row(name: str, language: str, domain: str, text: str) -> dict[str, Any]:
    return {"id": f"python:{name}", "text": text, "lang": language, "domain": domain, "licence": LICENCE}
