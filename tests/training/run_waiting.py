"""What test_sharing.py runs in processes of their own."""

import os
import time
from datetime import timedelta

import torch

from mecelle.training import processes


def wait(rank: int, port: int) -> None:
    """Process `rank` of two, of which the first takes longer than torch is patient by itself."""
    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    torch.distributed.distributed_c10d.default_pg_timeout = timedelta(seconds=3)
    if processes.join():
        time.sleep(8)
    processes.wait_for_all()
    torch.distributed.destroy_process_group()
