"""A Dask scheduler and its workers as processes of their own, which exchange messages over TCP."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class TcpCluster:
    """Scheduler and workers on this machine; a context manager that ends them.

    Parameters
    ----------
    folder : Path
        Where workers keep their files.
    workers : int
        Number of workers, of one thread each.

    Attributes
    ----------
    address : str
        Address of the scheduler.
    scheduler, workers : Popen, list of Popen
        Its process, and those of the workers.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder, self.address = folder, ""
        self.scheduler = self._begin_scheduler("0")
        self.workers = [self._begin_worker() for _ in range(workers)]

    def __enter__(self) -> Self:
        """Return the cluster."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def add_worker(self) -> None:
        """Start another worker."""
        self.workers.append(self._begin_worker())

    def restart_scheduler(self) -> None:
        """Kill the scheduler and start another one at the same address."""
        port = self.address.rsplit(":", 1)[1]
        self.scheduler.kill()
        self.scheduler.wait()
        self.scheduler = self._begin_scheduler(port)

    def _begin_scheduler(self, port: str) -> subprocess.Popen[str]:
        process = _begin("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        for line in _messages(process):
            if "Scheduler at:" in line:
                self.address = line.split()[-1]
                break
        _drain(process)
        return process

    def _begin_worker(self) -> subprocess.Popen[str]:
        process = _begin(
            "dask_worker",
            self.address,
            *("--nthreads", "1", "--no-nanny", "--no-dashboard"),
            *("--local-directory", str(self._folder)),
        )
        _drain(process)
        return process


def _begin(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def _messages(process: subprocess.Popen[str]) -> IO[str]:
    if process.stderr is None:
        raise AssertionError("a pipe")
    return process.stderr


def _drain(process: subprocess.Popen[str]) -> None:
    """Read messages away until the process ends: a full pipe would stop it."""

    def read() -> None:
        with _messages(process) as messages:
            messages.read()

    threading.Thread(target=read, daemon=True).start()
