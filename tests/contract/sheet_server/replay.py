"""Replays what was recorded from Google against the local server and says where both differ.

A recorded id (of a file, a sheet, a range) means whatever the server gave in its place: the
first answer that shows it binds the two, and later requests and answers must keep to it.
Times are compared by their shape only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.contract.sheet_server.local_client import Http

RECORDED = Path(__file__).parents[4] / "shared" / "sheets_api" / "recorded"

# The account that made the recordings, and one whose files it may not see.
CALLER = "telegram-budgeter@telegram-budgeter.iam.gserviceaccount.com"
STRANGER = "stranger@example.com"

# Files have ids of 44 characters, the root folder of an account one of 19.
_FILE_ID = re.compile(r"(?<![\w-])(?:1[\w-]{43}|0A[\w-]{14}PVA)(?![\w-])")
_ACCOUNT = re.compile(r"ouid=\d+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID_KEYS = frozenset(
    {"sheetId", "namedRangeId", "protectedRangeId", "filterViewId", "chartId", "metadataId"}
)
# Made anew for each answer, or of the account and not of the file.
_OWN_VALUES = frozenset(
    {"etag", "thumbnailLink", "permissionId", "headRevisionId", "quotaBytesUsed", "picture"}
    # How many steps Google counts for making and converting a file is its own affair.
    | {"version"}
)


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its answer."""

    method: str
    target: str
    body: str | None
    status: int
    content_type: str
    answer: str


def exchanges(path: Path) -> list[Exchange]:
    """The exchanges of a recording, in order."""
    found = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        asked, given = entry["request"], entry["response"]
        parts = urlsplit(asked["uri"])
        found.append(
            Exchange(
                asked["method"],
                parts.path + (f"?{parts.query}" if parts.query else ""),
                asked["body"],
                given["status"],
                given["content_type"],
                given["body"] or "",
            )
        )
    return found


class Replay:
    """One recording against one server, which must be fresh."""

    def __init__(self, recording: list[Exchange], sign_in: Callable[[str], Http]) -> None:
        self.recording = recording
        self.caller = sign_in(CALLER)
        self.stranger = sign_in(STRANGER)
        self.bound: dict[str, Any] = {}

    def differences(self) -> list[str]:
        """What differs, exchange by exchange; empty when all of them match."""
        earlier = self._earlier_files()
        found = []
        for number, exchange in enumerate(self.recording):
            for file_id, name in earlier.get(number, ()):
                self.bound[file_id] = self.caller.create(name)
            where = f"{number} {exchange.method} {exchange.target[:120]}"
            found.extend(f"{where}: {problem}" for problem in self._replayed(exchange))
        return found

    def _earlier_files(self) -> dict[int, list[tuple[str, str]]]:
        """Files that others made meanwhile: (id, name) by the exchange before which they came.

        A list shows them, newest first, so they are made before the file that the run makes.
        """
        known = {self._created_id(exchange) for exchange in self.recording}
        found: dict[int, list[tuple[str, str]]] = {}
        start = 0
        for number, exchange in enumerate(self.recording):
            if self._created_id(exchange) is not None:
                start = number
            for file in reversed(_listed(exchange)):
                if file["id"] not in known:
                    known.add(file["id"])
                    found.setdefault(start, []).append((file["id"], file["name"]))
            if exchange.status == 403:
                for file_id in _FILE_ID.findall(exchange.target):
                    self.bound[file_id] = self.stranger.create("Private")
        return found

    @staticmethod
    def _created_id(exchange: Exchange) -> str | None:
        if exchange.method != "POST" or not exchange.target.startswith("/drive/v3/files"):
            return None
        return str(json.loads(exchange.answer).get("id"))

    def _replayed(self, exchange: Exchange) -> list[str]:
        body = None if exchange.body is None else self._ours(exchange.body).encode()
        is_json = body is not None and body[:1] in b"{["
        answer = self.caller.ask(
            exchange.method,
            self._ours(exchange.target),
            data=body,
            headers={"Content-Type": "application/json" if is_json else "text/csv"},
        )
        if answer.status_code != exchange.status:
            return [f"status {answer.status_code}, recorded {exchange.status}: {answer.text[:300]}"]
        given = answer.headers.get("content-type", "")
        problems = []
        if given.replace(" ", "").lower() != exchange.content_type.replace(" ", "").lower():
            problems.append(f"content type {given}, recorded {exchange.content_type}")
        if "json" in exchange.content_type:
            problems += self._compared(json.loads(exchange.answer), answer.json(), "")
        elif exchange.answer != answer.text:
            problems.append(f"body {answer.text[:200]!r}, recorded {exchange.answer[:200]!r}")
        return problems

    def _ours(self, text: str) -> str:
        """The text with every bound id put in the place of the recorded one."""
        text = _FILE_ID.sub(lambda found: str(self.bound.get(found[0], found[0])), text)
        for recorded, ours in self.bound.items():
            if recorded.isdigit():
                text = re.sub(rf"(?<!\d){recorded}(?!\d)", str(ours), text)
        return text

    def _compared(self, recorded: Any, ours: Any, path: str) -> list[str]:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            problems = [f"{path}.{name} is missing" for name in recorded if name not in ours]
            problems += [
                f"{path}.{name} is too much: {ours[name]}" for name in ours if name not in recorded
            ]
            # Plain ids come first: links are made of them.
            for name in sorted(recorded.keys() & ours.keys(), key=lambda one: (one != "id", one)):
                problems += self._compared(recorded[name], ours[name], f"{path}.{name}")
            return sorted(problems)
        if isinstance(recorded, list) and isinstance(ours, list):
            if len(recorded) != len(ours):
                return [f"{path} has {len(ours)} items, recorded {len(recorded)}"]
            return [
                problem
                for index, (left, right) in enumerate(zip(recorded, ours, strict=True))
                for problem in self._compared(left, right, f"{path}[{index}]")
            ]
        return [] if self._same(recorded, ours, path) else [f"{path}: {ours!r} for {recorded!r}"]

    def _same(self, recorded: Any, ours: Any, path: str) -> bool:
        name = path.rpartition(".")[2].partition("[")[0]
        if name in _OWN_VALUES:
            return isinstance(ours, type(recorded))
        if isinstance(recorded, str):
            if _FILE_ID.fullmatch(recorded) and isinstance(ours, str) and _FILE_ID.fullmatch(ours):
                return bool(self.bound.setdefault(recorded, ours) == ours)
            if _TIME.fullmatch(recorded):
                return isinstance(ours, str) and bool(_TIME.fullmatch(ours))
            if isinstance(ours, str):
                recorded, ours = _ACCOUNT.sub("ouid", recorded), _ACCOUNT.sub("ouid", ours)
            if self._ours(recorded) == ours:
                return True
        if name in _ID_KEYS and recorded != 0 and type(recorded) is type(ours):
            return bool(self.bound.setdefault(str(recorded), ours) == ours)
        return type(recorded) is type(ours) and recorded == ours


def _listed(exchange: Exchange) -> list[dict[str, str]]:
    if not exchange.target.startswith("/drive/v3/files?") or exchange.method != "GET":
        return []
    files: list[dict[str, str]] = json.loads(exchange.answer).get("files", [])
    return files
