"""Connection to a Dask cluster: workers of this machine that end with it, or a running scheduler.

Errors of the library, and the versions of scheduler and workers, become one line each.
"""

from __future__ import annotations

import importlib
import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from timecone.errors import ArgumentError, ClusterError, TimeconeError
from timecone.simulation.threads import default_threads

# The library has no types.
type Future = Any

# What a task needs to be read, and what its numbers depend on besides.
_LOADING: Final = ("timecone", "python")
_COMPUTING: Final = ("numpy", "scipy", "numba")
# Workers and scheduler look after themselves less often than by default, and do not profile their tasks: that
# takes a tenth of a processor on a machine with two.
_QUIET: Final = {
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.worker.profile.enabled": False,
}
# Number of times a task is tried again after an error.
_RETRIES: Final = 3
_LARGEST_PORT: Final = 65_535
# Part of the first message of a Dask process.
_GREETING: Final = b"pickle-protocol"
_RETRY_SECONDS: Final = 0.2


class DaskCluster:
    """Connection to a cluster.

    Parameters
    ----------
    scheduler : str, optional
        Address of a running scheduler. By default, workers are started on this machine.
    workers : int, optional
        Number of workers to start, of one thread each; by default one for each processor.
    patience : float
        Seconds to wait for the scheduler and its first worker.

    Attributes
    ----------
    where : str
        Address of the scheduler, or a description, for messages.
    client : distributed.Client
        The connection.

    Raises
    ------
    ArgumentError
        Dask is not installed, or the address is malformed.
    ClusterError
        The scheduler cannot be reached, or has no worker.
    """

    def __init__(self, scheduler: str | None, *, workers: int | None, patience: float) -> None:
        distributed = _distributed()
        if scheduler is not None:
            _require_address(scheduler)
            _require_certificate(scheduler, distributed)
        self._errors = _errors_of(distributed)
        self.where, self.patience = scheduler or "workers on this machine", patience
        self._local: Any = None
        try:
            if scheduler is not None:
                _require_dask(scheduler, patience)
            else:
                with importlib.import_module("dask").config.set(_QUIET):
                    self._local = distributed.LocalCluster(
                        n_workers=workers or default_threads(),
                        threads_per_worker=1,
                        dashboard_address="127.0.0.1:0",
                        silence_logs=logging.CRITICAL,
                    )
            self.client: Any = distributed.Client(
                self._local or scheduler, timeout=patience, set_as_default=False
            )
            self.client.wait_for_workers(1, timeout=patience)
        except self._errors as error:
            self.close()
            raise ClusterError(
                "no-cluster",
                f"no scheduler with workers can be reached ({_reason(error)})",
                where=self.where,
                remedy="Start 'dask scheduler' and 'dask worker ADDRESS'; give the address with --scheduler.",
            ) from None

    def close(self) -> None:
        """Disconnect; end the workers that were started here."""
        for part in (getattr(self, "client", None), self._local):
            if part is not None:
                part.close()

    @contextmanager
    def losses_reported(self) -> Iterator[None]:
        """Turn the loss of the cluster into one line.

        Raises
        ------
        ClusterError
            The connection is lost.
        """
        try:
            yield
        except self._errors as error:
            raise ClusterError(
                "cluster-lost", f"the cluster was lost ({_reason(error)})", where=self.where
            ) from error

    def threads(self) -> int:
        """Return the number of threads of all workers."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        return sum(int(worker["nthreads"]) for worker in workers.values())

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Send out a task; arguments may be results of others."""
        return self.client.submit(function, *arguments, pure=False, retries=_RETRIES)

    def results(self, futures: Sequence[Future]) -> list[Any] | None:
        """Return the results of finished tasks.

        Returns
        -------
        list or None
            The results; None if they did not come within the patience, as when their worker has just been
            lost and none is left that could compute them again.

        Raises
        ------
        TimeconeError
            A task raised it.
        ClusterError
            A task failed in another way.
        """
        try:
            return [self._result(future) for future in futures]
        except TimeoutError:
            return None

    def _result(self, future: Future) -> Any:
        if future.status == "error":
            error = future.exception()
            if isinstance(error, TimeconeError):
                raise error
            raise ClusterError(
                "worker-failed", f"a worker failed ({_reason(error)})", where=self.where
            ) from error
        return future.result(timeout=self.patience)

    def cancel(self, futures: Sequence[Future]) -> None:
        """Cancel tasks; those of a lost cluster are gone."""
        with suppress(*self._errors):
            self.client.cancel(futures)

    def require_versions(self) -> None:
        """Refuse scheduler and workers that have other versions, before anything is sent to them.

        Raises
        ------
        ClusterError
            One of them has.
        """
        answers = self.client.get_versions(packages=["timecone", *_COMPUTING])
        wanted = answers["client"]["packages"]
        scheduler = self.client.scheduler.address
        _require_versions("the scheduler", scheduler, answers["scheduler"]["packages"], wanted, _LOADING)
        for address, worker in answers["workers"].items():
            _require_versions("a worker", address, worker["packages"], wanted, (*_LOADING, *_COMPUTING))


def _require_versions(
    who: str,
    address: str,
    theirs: Mapping[str, str | None],
    wanted: Mapping[str, str | None],
    names: Sequence[str],
) -> None:
    for name in names:
        if theirs.get(name) != wanted[name]:
            raise ClusterError(
                "cluster-of-another-version",
                f"{who} has another version of {name}",
                where=address,
                got=theirs.get(name) or "none",
                allowed=str(wanted[name]),
                remedy="Install the client's versions for the scheduler and every worker.",
            )


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise ArgumentError(
            "dask-missing",
            "this engine needs Dask",
            where="engine",
            remedy="Install timecone with its extra: pip install 'timecone[cluster]'.",
        ) from None


def _require_address(scheduler: str) -> None:
    """Refuse a malformed address: a client that is half made waits a minute before it gives up."""
    addressing = importlib.import_module("distributed.comm.addressing")
    registry = importlib.import_module("distributed.comm.registry")
    try:
        scheme, location = addressing.parse_address(scheduler)
        registry.get_backend(scheme)
        host, port = addressing.parse_host_port(location)
        is_address = bool(host) and 0 < port <= _LARGEST_PORT
    except ValueError:
        is_address = False
    if not is_address:
        raise ArgumentError(
            "scheduler-address",
            "not the address of a scheduler",
            where="scheduler",
            got=scheduler,
            allowed="an address such as tcp://HOST:8786",
        )


def _require_certificate(scheduler: str, distributed: Any) -> None:
    """Refuse an encrypted connection for which Dask has no certificate."""
    if not scheduler.startswith("tls://"):
        return
    if distributed.Security().get_connection_args("client").get("ssl_context") is None:
        raise ArgumentError(
            "scheduler-without-certificate",
            "an encrypted connection needs a certificate",
            where="scheduler",
            got=scheduler,
            remedy="State the certificate in Dask's configuration, or use a tcp:// address.",
        )


def _require_dask(scheduler: str, patience: float) -> None:
    """Wait until a Dask process listens at an address: a client waits for the greeting of any other for ever.

    Raises
    ------
    OSError
        Nothing listens there, or something else does.
    """
    addressing = importlib.import_module("distributed.comm.addressing")
    scheme, location = addressing.parse_address(scheduler)
    if scheme != "tcp":
        return
    deadline = time.monotonic() + patience
    while True:
        try:
            with socket.create_connection(
                addressing.parse_host_port(location), timeout=patience
            ) as connection:
                greeting = b""
                # The server speaks first.
                while _GREETING not in greeting and (received := connection.recv(4096)):
                    greeting += received
        except TimeoutError:
            raise OSError("whatever listens there is not a Dask scheduler") from None
        except socket.gaierror:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            if _GREETING not in greeting:
                raise OSError("whatever listens there is not a Dask scheduler")
            return


def _errors_of(distributed: Any) -> tuple[type[BaseException], ...]:
    """Return the exceptions that mean that the cluster is lost."""
    comm = importlib.import_module("distributed.comm")
    client = importlib.import_module("distributed.client")
    return (
        OSError,
        RuntimeError,  # "ConnectionPool is closed", "Client is closed"
        ValueError,
        comm.CommClosedError,
        client.FutureCancelledError,
        client.CancelledError,
        distributed.scheduler.KilledWorker,
    )


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
