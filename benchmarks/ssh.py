"""A run on Dask workers that are started through SSH on this machine, against one on threads: the same bits.

``uv run --with asyncssh python benchmarks/ssh.py [draws]``, as root, with Debian's openssh-server. The server
has keys and a port of its own, listens on 127.0.0.1 only, and ends with the program.
"""

from __future__ import annotations

import importlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import timecone as tc
from equality import digest

HOST, DRAWS, WORKERS, PATIENCE = "127.0.0.1", 1_000_000, 2, 30.0
SERVER = "/usr/sbin/sshd"


@contextmanager
def server(folder: Path) -> Iterator[dict[str, Any]]:
    """Run a server of SSH; yield how to connect to it."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    public = (folder / "user.pub").read_text("utf-8")
    (folder / "authorized_keys").write_text(public, encoding="utf-8")
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    host_key = (folder / "host.pub").read_text("utf-8")
    (folder / "known_hosts").write_text(f"[{HOST}]:{port} {host_key}", encoding="utf-8")
    Path("/run/sshd").mkdir(exist_ok=True)
    options = {
        "ListenAddress": HOST,
        "Port": port,
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "authorized_keys",
        "PidFile": "none",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "StrictModes": "no",
        "UsePAM": "no",
    }
    settings = [text for key, value in options.items() for text in ("-o", f"{key}={value}")]
    process = subprocess.Popen([SERVER, "-D", "-e", "-f", "/dev/null", *settings], stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield {
            "port": port,
            "client_keys": [str(folder / "user")],
            "known_hosts": str(folder / "known_hosts"),
            "config": None,
        }
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as attempt:
            if attempt.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server of SSH does not answer")


def main(draws: int = DRAWS) -> int:
    """Print both runs; return 1 if they differ."""
    scenario = tc.load("open_loop")
    cluster_of = importlib.import_module("distributed").SSHCluster
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as login:
        near = tc.simulate(scenario, draws=draws, seed=1, paths=10)
        print(f"threads: {near.attrs['run_id']} {digest(near)}", flush=True)
        options = {"n_workers": 1, "nthreads": 1}
        with (
            cluster_of(
                [HOST] * (1 + WORKERS),
                connect_options=login,
                worker_options=options,
                scheduler_options={"dashboard": False},
                remote_python=sys.executable,
            ) as cluster,
            tc.DaskEngine(cluster.scheduler_address) as engine,
        ):
            far = tc.simulate(scenario, draws=draws, seed=1, paths=10, engine=engine)
        print(f"{WORKERS} workers through SSH: {far.attrs['run_id']} {digest(far)}", flush=True)
    same = near.attrs["run_id"] == far.attrs["run_id"] and digest(near) == digest(far)
    print("identical" if same else "NOT identical")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
