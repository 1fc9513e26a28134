"""An HTTP transport with one deadline for the whole exchange and a bound on its size.

`requests` has a time-out per read, so a server that sends one byte a second is never late, and none at all for finding
the address of a name. Here finding it, connecting and every read and write on the socket get only the time that is
left, and headers and body together may not exceed `MAX_REPLY_BYTES`.
"""

import io
import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

MAX_REPLY_BYTES: Final = 1 << 20
_LOOKUPS: Final = threading.BoundedSemaphore(4)
"""A lookup cannot be called off: one that hangs keeps its thread, and no more than these may hang."""


class Allowance:
    """The time and bytes that one exchange has left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._bytes = 0

    def start(self, seconds: float) -> None:
        """Begin an exchange."""
        self._until = self._clock() + seconds
        self._bytes = MAX_REPLY_BYTES

    def left(self) -> float:
        """Seconds left, more than zero; raises TimeoutError when there are none."""
        left = self._until - self._clock()
        if left <= 0:
            raise TimeoutError("the exchange took too long")
        return left

    def spend(self, count: int) -> None:
        """Count received bytes; raises OSError when the reply is too large."""
        self._bytes -= count
        if self._bytes < 0:
            raise OSError("the reply is too large")


class _TimedReader(io.RawIOBase):
    """The receiving half of a socket: each read gets only the time that is left."""

    def __init__(self, held: socket.socket, allowance: Allowance) -> None:
        self._held = held
        self._raw = held.makefile("rb", buffering=0)  # keeps the socket open until the reply has been read
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._held.settimeout(self._allowance.left())
        count: int | None = self._raw.readinto(buffer)
        self._allowance.spend(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """What http.client needs of a socket, with the deadline on both halves."""

    def __init__(self, held: socket.socket, allowance: Allowance) -> None:
        self._held = held
        self._allowance = allowance

    def sendall(self, data: bytes) -> None:
        """Send, in the time that is left."""
        self._held.settimeout(self._allowance.left())
        self._held.sendall(data)

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """The reader that http.client parses the reply from."""
        return io.BufferedReader(_TimedReader(self._held, self._allowance))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)


def connect(host: str, port: int, allowance: Allowance) -> socket.socket:
    """A connected socket; raises OSError, also when the addresses of `host` are not found in the time that is left."""
    failed: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in _addresses(host, port, allowance):
        tried = socket.socket(family, kind, protocol)
        try:
            tried.settimeout(allowance.left())
            tried.connect(address)
            tried.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            tried.close()
            failed = error
        else:
            return tried
    raise failed


def _addresses(host: str, port: int, allowance: Allowance) -> list[Any]:
    """What getaddrinfo says, from a thread of its own: it takes as long as it likes."""
    if not _LOOKUPS.acquire(timeout=allowance.left()):
        raise TimeoutError("lookups of names hang")
    answered: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answered.put(socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # a name that no DNS can hold is no address either
            answered.put(error if isinstance(error, OSError) else OSError("not a name"))
        finally:
            _LOOKUPS.release()

    threading.Thread(target=look_up, name="opa-address", daemon=True).start()
    try:
        found = answered.get(timeout=allowance.left())
    except queue.Empty:
        raise TimeoutError("the address was not found in time") from None
    if isinstance(found, OSError):
        raise found
    return found


def _pools(allowance: Allowance) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self.host, self.port, allowance)

        def connect(self) -> None:
            super().connect()
            self.sock = _TimedSocket(self.sock, allowance)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self.host, self.port, allowance)

        def connect(self) -> None:
            super().connect()
            self.sock = _TimedSocket(self.sock, allowance)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class DeadlineAdapter(HTTPAdapter):
    """The transport for a `requests` session; one attempt per request."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=Retry(0, redirect=0))

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Called by the base class; hands out connections with the deadline."""
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allowance)
