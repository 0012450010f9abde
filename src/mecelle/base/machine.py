"""What this machine is: written into every run record, and asked by `mecelle doctor` and `mecelle check`."""

import os
import platform
import resource
import shutil
import sys
from functools import cache
from pathlib import Path

import psutil
from pydantic import BaseModel

GIB = 1024**3


class Machine(BaseModel):
    """The facts that speed and memory figures depend on."""

    processor: str
    cores: int
    memory_gib: float
    flags: tuple[str, ...]
    """Instruction sets that matter for training: amx_bf16, avx512_bf16, avx512f, avx2."""
    system: str
    python: str


@cache
def this_machine() -> Machine:
    """Read once per process."""
    name, flags = platform.processor() or platform.machine(), set[str]()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    return Machine(
        processor=name,
        cores=available_cores(),
        memory_gib=round(psutil.virtual_memory().total / GIB, 1),
        flags=tuple(flag for flag in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if flag in flags),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def available_cores() -> int:
    """Cores that this process may use: containers often allow fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory_gib() -> float:
    """Largest resident memory of this process or any finished child so far, in GiB."""
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    return max(_own_peak_bytes(unit), children) / GIB


def _own_peak_bytes(unit: int) -> int:
    # On Linux ru_maxrss survives exec: a stage would be charged with the memory of whoever started it.
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def free_disk_gib(folder: Path) -> float:
    """Free space where `folder` is or will be, in GiB."""
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    return shutil.disk_usage(existing).free / GIB
