"""Calls of every method of both APIs, made up from Google's discovery documents."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.contract.sheet_server.google_schema import document
from tests.contract.sheet_server.made_up import INTEGERS, NUMBERS, TEXTS, Inventor

RANGES = (
    "Tab 0!A1", "'Tab 5'", "A1:B2", "1:1", "nope", "'x", "Z99:1", "Tab 5!B2:D", "ours", "", "!",
    "A1:A1:A1", "'Tab 5'!C3:A1", "🌵", "Tab 0!R1C1:R2C3", "Tab 0!A0", "A1:ZZZ99999999", "$A$1",
)  # fmt: skip
MASKS = (
    "*", "spreadsheetId", "sheets(properties,data)", "nope", "a(b", "files(id,name)", "kind",
    "replies", "updatedSpreadsheet(sheets.properties)", "", "sheets/data/rowData/values/note",
)  # fmt: skip
SPOILED = (b"{", b"[]", b'"x"', b"\xff\xfe", b"", b"null", b'{"a":1e999}', b"[" * 2000)
# What a member or parameter of this name is given instead of any text.
_FITTING: dict[str, tuple[str, ...]] = {
    "role": ("reader", "writer", "owner", "commenter", "x"),
    "type": ("user", "anyone", "domain", "group", "x"),
    "emailAddress": ("ann@example.com", "bob@example.com", "x"),
    # No pdf: LibreOffice would take longer for it than all the other calls together.
    "mimeType": (
        "application/vnd.google-apps.spreadsheet",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "x",
    ),
    "ranges": RANGES,
    "fields": MASKS,
    "orderBy": ("name", "modifiedTime desc", "createdTime,name_natural", "nope", "name desc,"),
    "pageToken": ("1", "5", "x", "~!!", "100000"),
    "q": (
        "name = 'x'", "trashed = false and mimeType contains 'spread'", "name contains",
        "modifiedTime > '2020-01-01T00:00:00'", "'me' in owners", "sharedWithMe", "fullText",
        "not (name = 'a' or name='b')", "properties has {key='a' and value='b'}",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class MadeUpCall:
    """One request: `body` is JSON, `data` bytes that stand in its place."""

    method: str
    path: str
    body: Any = None
    data: bytes | None = None


class CallInventor:
    """Makes calls up for one spreadsheet with the sheets 0 and 5."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.requests = Inventor(dice, [0, 5])
        self.methods = [
            (document(api), method)
            for api in ("sheets.v4", "drive.v3")
            for method in _methods(document(api))
            # Erases what the others are about.
            if method["id"] not in ("drive.files.delete", "drive.files.emptyTrash")
        ]

    def call(self, file_id: str) -> MadeUpCall:
        """A call of some method, mostly on this file."""
        api, method = self.dice.choice(self.methods)
        path, query = method["path"], []
        for name, wanted in method.get("parameters", {}).items():
            if wanted["location"] == "path":
                given = quote(self._segment(name, file_id), safe="")
                path = path.replace(f"{{+{name}}}", given).replace(f"{{{name}}}", given)
            elif self.dice.random() < (0.8 if wanted.get("required") else 0.25):
                query.append((name, self._parameter(name, wanted)))
        if self.dice.random() < 0.3:
            query.append(("fields", self.dice.choice(MASKS)))
        body = None
        if "request" in method:
            body = self._body(api, method["request"]["$ref"])
        spoiled = body is not None and self.dice.random() < 0.02
        return MadeUpCall(
            method["httpMethod"],
            f"/{api['servicePath']}{path}" + (f"?{urlencode(query)}" if query else ""),
            None if spoiled else body,
            self.dice.choice(SPOILED) if spoiled else None,
        )

    def _segment(self, name: str, file_id: str) -> str:
        if name in ("spreadsheetId", "fileId"):
            return file_id if self.dice.random() < 0.95 else "nope"
        known = {"sheetId": ("0", "5", "77", "x"), "range": RANGES, "metadataId": ("3", "x")}
        return self.dice.choice(known.get(name, ("anyoneWithLink", "1", "x", "12345678901234567")))

    def _parameter(self, name: str, wanted: dict[str, Any]) -> str:
        if name in _FITTING:
            return self.dice.choice(_FITTING[name])
        if "enum" in wanted:
            return str(self.dice.choice([*wanted["enum"], "NOPE"]))
        kinds = {"boolean": ("true", "false", "x"), "integer": ("1", "5", "0", "-1", "x")}
        return self.dice.choice(kinds.get(wanted["type"], TEXTS))

    def _body(self, api: dict[str, Any], message: str) -> Any:
        if api["name"] == "sheets":
            return self.requests.message(message, 0)
        return self._value(api["schemas"], {"$ref": message}, "", 0)

    def _value(
        self, messages: dict[str, Any], wanted: dict[str, Any], name: str, depth: int
    ) -> Any:
        if self.dice.random() < 0.02:
            return self.dice.choice((None, "x", 5, [], {}, [[]], True))
        if "$ref" in wanted:
            members = messages[wanted["$ref"]].get("properties", {}) if depth < 6 else {}
            chance = (0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0)[depth]
            return {
                member: self._value(messages, described, member, depth + 1)
                for member, described in members.items()
                if self.dice.random() < chance
            }
        kind = wanted.get("type")
        if kind == "array":
            count = self.dice.choice((0, 1, 1, 2))
            return [self._value(messages, wanted["items"], name, depth) for _ in range(count)]
        if kind == "object":
            return {self.dice.choice("ab"): self.dice.choice(TEXTS)}
        if name in _FITTING and kind == "string":
            return self.dice.choice(_FITTING[name])
        plain = {"boolean": (True, False), "integer": INTEGERS, "number": NUMBERS}
        return self.dice.choice(plain.get(str(kind), wanted.get("enum", TEXTS)))


def _methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)
