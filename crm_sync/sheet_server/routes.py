"""What a route is, and how a request finds its own."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from crm_sync.sheet_server.exchange import Answer, Call, decode_segment
from crm_sync.sheet_server.field_mask import Mask
from crm_sync.sheet_server.oauth import SCOPE_ROOT, Caller


class Api(Enum):
    """Which of Google's services a route belongs to: it decides the shape of its errors."""

    SHEETS = "sheets.googleapis.com"
    DRIVE = "drive.googleapis.com"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request after routing, sign-in and reading of its body.

    `path` holds the decoded variables of the route; `mask` is None without a `fields` parameter.
    """

    call: Call
    caller: Caller
    path: Mapping[str, str]
    body: dict[str, Any]
    mask: Mask | None


Reply = dict[str, Any] | Answer | None
"""A JSON message, a whole answer of another kind, or None for 204."""

Handler = Callable[[Asked], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one API. `writes` counts against the write quota and asks a transaction.

    `rpc` is the method's name in Google's error details; `defaults` is the mask of a Drive
    answer when no `fields` are asked; `takes` and `gives` name the messages of body and answer;
    `raw_body`: the body is not JSON and is left alone.
    """

    api: Api
    rpc: str
    method: str
    template: str
    scopes: frozenset[str]
    handle: Handler
    writes: bool = False
    defaults: str | None = None
    parameters: frozenset[str] = frozenset()
    takes: str | None = None
    gives: str | None = None
    raw_body: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", _compiled(self.template))


def find_route(
    routes: Sequence[Route], method: str, path: str
) -> tuple[Route, dict[str, str]] | None:
    """The first route that fits, with its path variables decoded; None if there is none.

    As for Google, a slash at the end or before a verb is no part of the path: google-spreadsheet
    for Node asks for `/v4/spreadsheets/ID/` and `/v4/spreadsheets/ID/:batchUpdate`.
    """
    for route in routes:
        if route.method == method:
            match = route.pattern.fullmatch(path.removesuffix("/"))
            if match is not None:
                names = match.groupdict()
                return route, {name: decode_segment(value) for name, value in names.items()}
    return None


def scopes(*names: str) -> frozenset[str]:
    """Full scope names from their last parts."""
    return frozenset(SCOPE_ROOT + name for name in names)


def _compiled(template: str) -> re.Pattern[str]:
    """`/a/{id}:verb` as a pattern: a variable is one segment without colon, `{+x}` takes all."""
    pieces = re.split(r"(\{\+?\w+\})", template)
    pattern = ""
    for piece in pieces:
        if piece.startswith("{+"):
            pattern += f"(?P<{piece[2:-1]}>.+)"
        elif piece.startswith("{"):
            pattern += f"(?P<{piece[1:-1]}>[^/:]+)"
        else:
            # Clients may send the colon of a verb percent-encoded.
            pattern += re.escape(piece).replace(":", "/?(?::|%3[Aa])")
    return re.compile(pattern)
