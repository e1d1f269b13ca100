"""The web application: turns HTTP into calls and answers into HTTP.

The API is synchronous and runs in one worker thread, so the event loop stays free to take in
further connections, and no two requests ever touch a workbook at once.
"""

import asyncio
import logging
from collections.abc import Callable, MutableMapping
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_sync.sheet_server.api_error import ApiError
from crm_sync.sheet_server.drive_error import DriveError
from crm_sync.sheet_server.exchange import Answer, Call, Delivery, json_answer, parse_query

_LOGGER = logging.getLogger(__name__)
TRANSPORT = "crm_sync.transport"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_LARGEST_BODY = 256 * 1024 * 1024
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

Answering = Callable[[Call], Answer]


def build_app(answering: Answering, worker: Executor, clock: Callable[[], datetime]) -> ASGIApp:
    """An ASGI application that has every request answered by `answering`, in the worker."""
    one_at_a_time = asyncio.Lock()

    async def endpoint(request: Request) -> Response:
        refused = _refusal(request)
        if refused is not None:
            return _Delivered(refused, clock())
        call = await _call_of(request)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(worker, answering, call)
        if answer.later is not None:
            async with one_at_a_time:
                answer = await asyncio.to_thread(answer.finished)
        return _Delivered(answer, clock())

    async def defect(request: Request, error: Exception) -> Response:
        # The client must see one of Google's own failures, and the operator must see ours.
        _LOGGER.error("cannot answer %s", request.method, exc_info=error)
        # uvicorn ends the connection of a failed request: the client must not use it again.
        answer = replace(_internal_error(request.url.path), headers=(("connection", "close"),))
        return _Delivered(answer, clock())

    route = Route("/{path:path}", endpoint, methods=_METHODS)
    return Starlette(routes=[route], exception_handlers={Exception: defect})


def _internal_error(path: str) -> Answer:
    if path.startswith("/v4/"):
        error = ApiError(500, "INTERNAL", "Internal error encountered.")
        return json_answer(error.body(), error.code)
    return json_answer(DriveError(500, "internalError", "Internal Error").body(), 500)


class _Delivered(Response):
    """Sends an answer as it is, or spoiled in the way that its delivery says."""

    def __init__(self, answer: Answer, now: datetime) -> None:
        headers = dict(answer.headers)
        # The date is the server's own clock: clients compare theirs with it.
        headers["date"] = format_datetime(now.astimezone(UTC), usegmt=True)
        headers["cache-control"] = "private"
        super().__init__(answer.body, answer.status, headers)
        self.headers["content-type"] = answer.content_type
        self._delivery = answer.delivery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._delivery is None:
            await super().__call__(scope, receive, send)
            return
        await self._spoil(self._delivery, scope, send)

    async def _spoil(self, delivery: Delivery, scope: Scope, send: Send) -> None:
        if delivery.delay:
            await asyncio.sleep(delivery.delay)
        if delivery.keep == 0:
            _cut(scope)
            return
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        body = bytes(self.body)
        if delivery.drip:
            await _drip(body, delivery, send)
            return
        part = body[: delivery.keep]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        if len(part) < len(body):
            # Let the part that is kept leave the machine before the line goes dead.
            await asyncio.sleep(0.01)
            _cut(scope)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drip(body: bytes, delivery: Delivery, send: Send) -> None:
    for index in range(len(body)):
        await asyncio.sleep(delivery.drip)
        await send(
            {"type": "http.response.body", "body": body[index : index + 1], "more_body": True}
        )
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _cut(scope: MutableMapping[str, Any]) -> None:
    transport = scope.get(TRANSPORT)
    if transport is not None:
        transport.close()


async def _call_of(request: Request) -> Call:
    try:
        body = await request.body()
    except ClientDisconnect:
        body = b""
    scope = request.scope
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    raw_path: bytes = scope.get("raw_path") or request.url.path.encode()
    query = parse_query(scope["query_string"].decode("latin-1"))
    port = 0 if request.client is None else request.client.port
    return Call(request.method, raw_path.decode("latin-1"), query, headers, body, port)


def _refusal(request: Request) -> Answer | None:
    """Refuses what cannot have been meant for this server, before anything is read."""
    name = request.headers.get("host", "").lower().rsplit(":", 1)[0]
    # A web page that points its own host name at 127.0.0.1 must find nobody at home.
    if name not in _LOCAL_NAMES and not name.endswith(".googleapis.com"):
        return Answer(403, b"Unknown host\n", "text/plain; charset=UTF-8")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LARGEST_BODY:
        return Answer(413, b"Request Entity Too Large\n", "text/plain; charset=UTF-8")
    return None
