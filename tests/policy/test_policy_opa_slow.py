"""An OPA server that is slow below the level of a reply: in the TLS handshake, in interim replies, in chunks."""

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from gateway.policy.errors import EngineUnavailable
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_server import OpaServerEngine
from tests.policy.questions import ALLOWED

QUESTION = ALLOWED["RIEC-analist matcht in weging"]
DEADLINE = 0.4
STEP = 0.02
STEPS = 2000
"""2,000 steps of 20 ms: 40 s, were nobody to stop."""


@contextmanager
def listening(behave):
    """A raw socket on loopback that behaves so with each connection; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve():
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=_behave, args=(behave, connection, stop), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        stop.set()


def _behave(behave, connection, stop):
    with connection:
        try:
            behave(connection, stop)
        except OSError:
            return


def silent(_connection, stop):
    """Accept, and say nothing."""
    stop.wait(STEP * STEPS)


def dripping(first, each):
    """Send `first`, then `each` again and again, each time soon enough for a time-out per read."""

    def behave(connection, stop):
        connection.sendall(first)
        for _ in range(STEPS):
            if stop.wait(STEP):
                return
            connection.sendall(each)

    return behave


# A TLS 1.2 handshake record of 16,000 bytes, of which the content comes one byte at a time.
HANDSHAKE = b"\x16\x03\x03\x3e\x80"
SLOW = {
    "tls silence": ("https", silent),
    "tls handshake": ("https", dripping(HANDSHAKE, b"\x02")),
    "interim replies": ("http", dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "header lines": ("http", dripping(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n")),
    "chunks": ("http", dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")),
}


@pytest.mark.parametrize("name", SLOW)
def test_slowness_anywhere_ends_at_the_deadline(name):
    """No answer in time is none; the deadline is of the whole exchange, the handshake in it."""
    scheme, behave = SLOW[name]
    with listening(behave) as port:
        address = replace(opa_address(f"{scheme}://127.0.0.1:{port}"), deadline=DEADLINE)
        engine = OpaServerEngine(address, "r-1")
        started = time.monotonic()
        with pytest.raises(EngineUnavailable):
            engine.decide(QUESTION)
        assert time.monotonic() - started < STEP * STEPS / 4


def named(port, scheme="http"):
    """An engine that knows its server by name."""
    return OpaServerEngine(replace(opa_address(f"{scheme}://localhost:{port}"), deadline=DEADLINE), "r-1")


def test_a_name_that_nobody_resolves_ends_at_the_deadline(monkeypatch):
    """A name server that does not answer is silence like any other, however often it is asked."""
    stop = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: stop.wait(STEP * STEPS))
    engine, started = named(1), time.monotonic()
    for _ in range(6):  # two more than may hang at once
        with pytest.raises(EngineUnavailable):
            engine.decide(QUESTION)
    stop.set()
    assert time.monotonic() - started < STEP * STEPS / 4


@pytest.mark.parametrize("failure", [socket.gaierror("no such name"), UnicodeError("label too long")])
def test_a_name_without_an_address_gives_no_answer(monkeypatch, failure):
    """What the resolver says is no answer of OPA's."""

    def unknown(*_, **__):
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(EngineUnavailable):
        named(1).decide(QUESTION)


def test_every_address_of_a_name_is_tried(monkeypatch):
    """The first refuses, the second answers: the question arrives."""
    asked = []

    def answer(connection, _stop):
        asked.append(connection.recv(65536))

    with listening(answer) as port:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = closed.getsockname()
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", where) for where in (nobody, ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        with pytest.raises(EngineUnavailable):
            named(port).decide(QUESTION)
    assert asked[0].startswith(b"POST /v1/data/schakel/decision/answer")


def test_a_connection_that_is_cut_gives_no_answer():
    """Half a reply is none, and nothing is sent a second time."""
    asked = []

    def cut(connection, _stop):
        asked.append(connection.recv(65536))
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"result":')

    with listening(cut) as port:
        engine = OpaServerEngine(replace(opa_address(f"http://127.0.0.1:{port}"), deadline=5.0), "r-1")
        with pytest.raises(EngineUnavailable):
            engine.decide(QUESTION)
    assert len(asked) == 1
