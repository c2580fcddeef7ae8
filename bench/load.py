"""A client that asks one server as fast as it answers, in a process of its own.

It writes requests that were made beforehand over a few connections that stay open, and reads no more of an answer than
its status and its length: so little that the server is what is measured. Both sides of a ratio are measured by it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from threading import Thread

# Fewer than the server's threads, so that none waits for one of them.
CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask: requests as they go over the wire, one after the other and from the start again."""

    port: int
    requests: list[str]
    seconds: float
    status: int  # what every answer has to be; anything else fails the measurement


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


class Failed(Exception):
    """The server answered something else than what was to be measured."""


def request(path: str, headers: dict[str, str]) -> str:
    """A GET as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""])


class Connection:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """The head and the body of the answer."""
        self._socket.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._some()
        head, length = bytes(received[:end]), end + 4 + _length(received[:end])
        while len(received) < length:
            received += self._some()
        return head, bytes(received[end + 4 :])

    def _some(self) -> bytes:
        some = self._socket.recv(1 << 18)
        if not some:
            raise Failed("the server closed the connection")
        return some

    def close(self) -> None:
        self._socket.close()


def _length(head: bytes | bytearray) -> int:
    if b" 304 " in head[:16]:
        return 0
    name = b"\r\ncontent-length:"
    place = head.lower().find(name)
    if place < 0:
        raise Failed(f"an answer without a length: {bytes(head[:200])!r}")
    return int(head[place + len(name) :].split(b"\r\n", 1)[0])


def once(port: int, request: str) -> Answer:
    """One answer, read whole."""
    connection = Connection(port)
    try:
        head, body = connection.ask(request.encode())
    finally:
        connection.close()
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return Answer(int(first.split(" ")[1]), headers, body)


class Client:
    """The process that asks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def rate(self, job: Job) -> float:
        """Requests a second. Raises Failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline() or '{"failed": "the client ended"}')
        if "failed" in said:
            raise Failed(said["failed"])
        return float(said["rate"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def _asked(job: Job) -> float:
    expected = f" {job.status} ".encode()
    requests = [request.encode() for request in job.requests]
    counts = [0] * CONNECTIONS
    failures: list[Exception] = []

    def ask(place: int, requests: Iterator[bytes]) -> None:
        try:
            connection = Connection(job.port)
            try:
                while time.perf_counter() < until:
                    head, _ = connection.ask(next(requests))
                    if expected not in head[:16]:
                        raise Failed(f"not {job.status}: {head[:200]!r}")
                    counts[place] += 1
            finally:
                connection.close()
        except Exception as failure:
            failures.append(failure)

    started = time.perf_counter()
    until = started + job.seconds
    threads = [Thread(target=ask, args=(place, cycle(_from(requests, place)))) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.perf_counter() - started)


def _from(requests: Sequence[bytes], place: int) -> Sequence[bytes]:
    """The same requests, each connection from another one on."""
    start = place * len(requests) // CONNECTIONS
    return [*requests[start:], *requests[:start]]


def _serve() -> None:
    for line in sys.stdin:
        try:
            print(json.dumps({"rate": _asked(Job(**json.loads(line)))}), flush=True)
        except Exception as failure:
            print(json.dumps({"failed": f"{type(failure).__name__}: {failure}"}), flush=True)


if __name__ == "__main__":
    _serve()
