"""Processes that make the batches of a training while it computes: `data_workers` of its parameters."""

import os
import signal
import threading

from mecelle.base.processes import follow_parent


def follow_trainer(worker: int) -> None:
    """What each of them does first: signals are the trainer's matter, and it dies with the trainer.

    Ctrl-C, and the SIGTERM of Slurm or systemd, reach every process of a job, and the trainer needs its workers for
    the step that it then finishes. The SIGTERM by which torch ends a worker comes from the trainer, and is obeyed.
    """
    follow_parent()
    if hasattr(signal, "sigwaitinfo"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=_obey_trainer, daemon=True).start()


def _obey_trainer() -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(0)
