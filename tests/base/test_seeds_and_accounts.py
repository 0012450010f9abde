import subprocess
import sys

import pytest

from mecelle.base.accounts import Accounts
from mecelle.base.errors import AccountsError, ConfigError, MissingPackageError, require
from mecelle.base.machine import peak_memory_gib
from mecelle.base.registry import Registry
from mecelle.base.seeds import derive, generator


def test_streams_are_independent_of_each_other() -> None:
    seeds = {derive(seed, name, part) for seed in range(20) for name in ("mask", "order") for part in range(20)}
    assert len(seeds) == 20 * 2 * 20
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derive(7, "mask", 1) != derive(7, "mask1")
    assert generator(7, "a").integers(1 << 30) == generator(7, "a").integers(1 << 30)


def test_accounts_add_up() -> None:
    accounts = Accounts()
    accounts.keep(3)
    accounts.drop("near_duplicate", 2)
    accounts.fail("not_json")
    other = Accounts()
    other.drop("near_duplicate")
    accounts.merge(other)
    accounts.check()
    assert accounts.sentence() == "7 documents: 3 kept, 3 near_duplicate, 1 failed (not_json 1)"
    accounts.kept -= 1
    with pytest.raises(AccountsError):
        accounts.check()


def test_a_registry_lists_its_folder_and_offers_the_nearest_name(tmp_path, monkeypatch) -> None:
    package = tmp_path / "shelf"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from mecelle.base.registry import Registry\nitems = Registry('shelf', kind='filter')\n"
    )
    (package / "short_text.py").write_text(
        "from shelf import items\n@items.register('short_text.v1')\nclass ShortText: ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import shelf

    items: Registry[type] = shelf.items
    assert items.names() == ["short_text.v1"]
    assert items.get("short_text.v1").__name__ == "ShortText"
    with pytest.raises(ConfigError, match=r"filter 'shrt_text\.v1' is not registered; did you mean 'short_text\.v1'"):
        items.get("shrt_text.v1")


def test_a_missing_package_says_how_to_get_it() -> None:
    with pytest.raises(MissingPackageError, match=r"the index needs .*: run pip install -e '.\[search\]'"):
        require("no_such_module_here", extra="search", why="the index")


def test_peak_memory_is_this_process_own() -> None:
    """A small process that a large one starts is not charged with the large one's memory."""
    ballast = bytearray(400 * 1024**2)
    code = "from mecelle.base.machine import peak_memory_gib; print(peak_memory_gib())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0.01 < float(done.stdout) < 0.35 < peak_memory_gib()
    assert len(ballast)
