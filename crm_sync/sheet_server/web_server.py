"""uvicorn as this server needs it: on loopback, silent, stopped from any thread."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crm_sync.sheet_server.app import TRANSPORT

HOST = "127.0.0.1"


class WebServer(uvicorn.Server):
    """A uvicorn that says when it is ready and leaves signals to the caller."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_config(app))
        self.ready = threading.Event()
        self.failed = False
        self.on_ready: Callable[[], None] | None = None
        self._end: Callable[[], object] | None = None

    def end(self) -> None:
        """Stops serving, from whatever thread or signal handler."""
        self.should_exit = True
        if self._end is not None:
            self._end()

    async def main_loop(self) -> None:
        # The one of uvicorn looks ten times a second whether it is to end.
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        self._end = lambda: loop.call_soon_threadsafe(ended.set)
        if not self.should_exit:
            await ended.wait()
        self._end = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
        if self.on_ready is not None:
            self.on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Protocol(HttpToolsProtocol):
    """HTTP that lets the application see its transport, so that faults can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope[TRANSPORT] = self.transport


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )


def listening(port: int) -> socket.socket:
    """A socket bound to loopback; port 0 takes a free one. Raises OSError."""
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it each answer
    # would wait 40 ms for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except BaseException:
        listener.close()
        raise
    return listener


@contextmanager
def signals_stop(server: WebServer) -> Iterator[None]:
    """SIGINT and SIGTERM end the server while inside, if this is the main thread."""

    def stop(number: int, frame: object) -> None:
        server.end()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
