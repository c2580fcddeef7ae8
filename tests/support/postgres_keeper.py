"""Owns the PostgreSQL server of one test run: `postgres_keeper.py FOLDER PROGRAMS`.

Makes a cluster, starts the server on a free port of 127.0.0.1, prints its URL as one line of JSON, and waits until
nobody holds FOLDER/lease open any more. Then the server is stopped and FOLDER removed. A process of its own, so that
neither a killed test run nor the order in which xdist's workers end leaves a server behind or stops it too early.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # Nothing here has to survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    # Far from UTC: code that forgets to say which zone it means fails here and not at a customer's.
    "timezone": "Asia/Jakarta",
}
START_TIMEOUT_SECS = 30


def main(folder: Path, programs: Path) -> None:
    account = _account()
    home = Path(tempfile.mkdtemp(prefix="omnistream-pg-"))
    server = None
    try:
        if account:
            os.chown(home, account["user"], account["group"])
            programs = _reachable(programs, home, account)
        data = home / "data"
        _run_initdb(programs, data, home, account)
        server, port = _start(programs, data, home, account)
        reader = os.open(folder / "lease", os.O_RDONLY | os.O_NONBLOCK)
        print(json.dumps({"url": f"postgresql://postgres@127.0.0.1:{port}/postgres"}), flush=True)
        _wait_for_the_last(reader, server, folder)
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGQUIT)  # immediate: there is nothing to save
            server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _account() -> dict[str, Any]:
    """How to start PostgreSQL, which refuses to run as root: as an account without rights. Empty when not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise SystemExit("running as root, and there is no account `postgres` or `nobody` to run PostgreSQL as")


def _reachable(programs: Path, home: Path, account: dict[str, Any]) -> Path:
    """`programs`, or a copy of the installation where root's own folders hide it from the account."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, cwd=home, **account)
    except OSError:
        installation = programs.parent
        copy = home / "site" / installation.parent.name / installation.name
        shutil.copytree(installation, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
        # A wheel's programs look for their libraries in the folder that stands beside the package.
        libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, home / "site" / libraries.name)
        return copy / "bin"
    return programs


def _run_initdb(programs: Path, data: Path, home: Path, account: dict[str, Any]) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    command = [str(programs / "initdb"), "-D", str(data), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, check=False, **account)
    if done.returncode:
        raise SystemExit(done.stderr.strip() or f"initdb ended with {done.returncode}")


def _start(programs: Path, data: Path, home: Path, account: dict[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    for _attempt in range(5):  # the free port may be taken between the look and the start
        port = _free_port()
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), *options]
        log = (home / "server.log").open("wb")
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, **account)
        log.close()
        if _listening(server, data):
            return server, port
        server.kill()
        server.wait()
    raise SystemExit((home / "server.log").read_text(errors="replace").strip())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listening(server: subprocess.Popen[bytes], data: Path) -> bool:
    """Waits until the server writes "ready" into its lock file, or has died."""
    until = time.monotonic() + START_TIMEOUT_SECS
    while time.monotonic() < until and server.poll() is None:
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            lines = []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return True
        time.sleep(0.02)
    return False


def _wait_for_the_last(reader: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    """Returns when the lease was taken and has been let go by all, or when the server died.

    Before the first taker the pipe stands at its end just as after the last. The first is the process that started this
    one, so its death counts as well.
    """
    starter = os.getppid()
    taken = False
    while server.poll() is None:
        if not _at_end(reader):
            taken = True
        elif taken or os.getppid() != starter:
            with (folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if _at_end(reader):  # still nobody: the next one who comes finds no folder and starts anew
                    shutil.rmtree(folder)
                    return
        time.sleep(0.1)


def _at_end(reader: int) -> bool:
    try:
        return os.read(reader, 1) == b""
    except BlockingIOError:
        return False


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main(Path(sys.argv[1]), Path(sys.argv[2]))
