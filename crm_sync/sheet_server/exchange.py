"""What was asked and what is answered, as values: the border between HTTP and the API."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"

# Below this size a compressed answer is hardly smaller; Google does not compress such answers.
_GZIP_FLOOR = 1024
# Above it neither indented nor compressed: over loopback both cost more time than they save.
_LARGE = 1024 * 1024
_TRUE = frozenset({"true", "1", "yes", "t", "y"})


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `path` is as it was sent, still percent-encoded; header names are lower.

    `client_port` is the port at the other end; 0 if the request did not come over a connection.
    """

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client_port: int = 0

    def first(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        values = self.query.get(name)
        return values[0] if values else None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean query parameter; Google takes `true`, `True` and `1` alike."""
        value = self.first(name)
        return default if value is None else value.lower() in _TRUE


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response; `delivery` is how a fault spoils its way back.

    `later` takes so long to make the response that nobody is to wait for it but who asked: it is
    called elsewhere, where nothing of the server's may be touched, and gives status and body.
    """

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    delivery: "Delivery | None" = None
    later: "Callable[[], Answer] | None" = None

    def finished(self) -> "Answer":
        """The complete response, however long that takes."""
        if self.later is None:
            return self
        made = self.later()
        headers = self.headers if made.status == 200 else made.headers
        return replace(made, headers=headers, delivery=self.delivery)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer travels: `delay` seconds before it, `keep` bytes of it (None: all of it) and
    then the connection is cut, or `drip` seconds before every single byte."""

    delay: float = 0.0
    keep: int | None = None
    drip: float = 0.0


def parse_query(raw: str) -> dict[str, tuple[str, ...]]:
    """The query string as `{name: values in order}`; blank values are kept."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        found[name] = (*found.get(name, ()), value)
    return found


def decode_segment(segment: str) -> str:
    """A percent-encoded path segment as text."""
    return unquote(segment)


def json_bytes(message: Any, *, pretty: bool = True) -> bytes:
    """JSON as Google prints it: two spaces, a final newline, UTF-8 unescaped.

    A large message is not indented, for that would double its length and the reader's time.
    """
    dense = orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE)
    if not pretty or len(dense) > _LARGE:
        return dense
    return orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_INDENT_2)


def json_answer(message: Any, status: int = 200, *, pretty: bool = True) -> Answer:
    """An answer that carries a JSON message."""
    return Answer(status, json_bytes(message, pretty=pretty))


def compressed(answer: Answer, accepted: str) -> Answer:
    """The same answer in gzip, if `Accept-Encoding` allows it and its size makes it worth while."""
    if "gzip" not in accepted.lower() or not _GZIP_FLOOR <= len(answer.body) <= _LARGE:
        return answer
    # Level 1: over loopback the time to compress counts for more than the bytes saved.
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    body = packer.compress(answer.body) + packer.flush()
    headers = (*answer.headers, ("content-encoding", "gzip"))
    return Answer(answer.status, body, answer.content_type, headers, answer.delivery)
