"""The floors of the design: imports point down only."""

import ast
from pathlib import Path

import pytest

FLOORS = (
    "base", "text", "models", "documents", "sample", "retrieval", "corpus", "tokenizer", "training", "encoder",
    "decoder", "embedding", "segmentation", "reward", "evaluation", "serving", "recipes", "cli",
)  # fmt: skip
STRANGERS = ({"encoder", "decoder"},)
TORCHLESS = ("base", "text", "documents", "sample", "corpus")
HEAVY = {"torch", "transformers", "sentence_transformers", "accelerate"}


def imports(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, inside functions too."""
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write mecelle.floor.module"
            assert node.module
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def floors_imported(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("mecelle.")} & set(FLOORS)


def faults(floor: str, names: set[str]) -> list[str]:
    """What a module of `floor` imports against the rules."""
    own = FLOORS.index(floor)
    found = [
        f"imports {other}, which is not above {floor}" for other in floors_imported(names) if FLOORS.index(other) > own
    ]
    for pair in STRANGERS:
        if floor in pair:
            found += [f"{floor} imports {other}" for other in floors_imported(names) & (pair - {floor})]
    if floor in TORCHLESS:
        found += [f"imports {name}: {floor} works without torch" for name in names if name.split(".")[0] in HEAVY]
    return found


def test_imports_point_down(repository: Path) -> None:
    package = repository / "src" / "mecelle"
    modules = sorted(path for path in package.rglob("*.py") if path.parent != package)
    assert len(modules) > 50
    for path in modules:
        floor = path.relative_to(package).parts[0]
        assert floor in FLOORS, f"{path}: '{floor}' is no floor of the design"
        assert not faults(floor, imports(path)), f"{path}: {faults(floor, imports(path))}"


@pytest.mark.parametrize(
    ("floor", "names"),
    [
        ("text", {"mecelle.corpus.build"}),
        ("encoder", {"mecelle.decoder"}),
        ("decoder", {"mecelle.encoder"}),
        ("base", {"torch"}),
    ],
)
def test_a_breach_is_seen(floor: str, names: set[str]) -> None:
    assert faults(floor, names)


def test_case_mapping_lives_in_the_text_floor(repository: Path) -> None:
    """`.lower()` on Turkish is wrong (`"I".lower()` is not `ı`); only mecelle.text may call such methods."""
    for path in sorted((repository / "src" / "mecelle").rglob("*.py")):
        if "text" in path.relative_to(repository / "src" / "mecelle").parts[:1]:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = node.func.attr
                assert called not in {"lower", "upper", "casefold", "title", "capitalize", "swapcase"} or node.args, (
                    f"{path}:{node.lineno}: .{called}() outside mecelle.text"
                )
