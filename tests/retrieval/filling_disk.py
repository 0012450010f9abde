"""Run by test_faults in a process of its own: adds to an index on a disk that has no room, and tells how it ended."""

import sys
from pathlib import Path

from conftest import CountingEncoder
from mecelle.base.errors import ResourceError
from mecelle.retrieval.index import build

if __name__ == "__main__":
    sources, index = map(Path, sys.argv[1:])
    try:
        build(sources, index, model=CountingEncoder(), workers=1)
    except ResourceError as error:
        sys.stdout.write(f"ResourceError: {error}\n")
    else:
        sys.stdout.write("whole\n")
