"""The search language of files.list: the `q` and `orderBy` parameters.

https://developers.google.com/workspace/drive/api/guides/search-files and .../ref-search-terms
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from crm_sync.sheet_server.drive_error import invalid_parameter

Test = Callable[["Candidate"], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<mark>[(){}])
      | (?P<word>[A-Za-z][A-Za-z.]*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_BOOLEANS = frozenset({"trashed", "starred", "sharedWithMe"})
_ORDERS: Mapping[str, str] = {
    "createdTime": "created",
    "modifiedTime": "modified",
    "modifiedByMeTime": "modified",
    "viewedByMeTime": "modified",
    "sharedWithMeTime": "created",
    "recency": "modified",
    "name": "name",
    "name_natural": "natural_name",
    "folder": "is_file",
    "quotaBytesUsed": "created",
    "starred": "created",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a search sees of a file. Addresses and the name's case folding are for comparing."""

    name: str
    mime_type: str
    created: datetime
    modified: datetime
    trashed: bool
    parents: tuple[str, ...]
    owners: tuple[str, ...]
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    shared_with_me: bool
    starred: bool
    properties: Mapping[str, Any]
    app_properties: Mapping[str, Any]

    @property
    def is_file(self) -> bool:
        """False for a folder: folders come first when ordered by `folder`."""
        return not self.mime_type.endswith(".folder")

    @property
    def natural_name(self) -> tuple[tuple[int, int | str], ...]:
        """The name as a key under which `a2` comes before `a10`."""
        parts = re.findall(r"\d+|\D+", self.name.casefold())
        return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)


def parse_query(text: str) -> Callable[[Candidate], bool]:
    """The test that a `q` stands for; an empty one lets every file pass.

    Raises DriveError (400, `invalid`, location `q`).
    """
    if not text.strip():
        return lambda _: True
    reader = _Reader(_tokens(text))
    test = reader.read_or()
    reader.expect_end()
    return test


def in_order(
    found: Iterable[tuple[Candidate, str]], order_by: str | None
) -> list[tuple[Candidate, str]]:
    """Candidates with their ids, sorted as `orderBy` says; newest change first by default."""
    ordered = sorted(found, key=lambda pair: pair[1])
    ordered.sort(key=lambda pair: pair[0].modified, reverse=True)
    for term in reversed([part.strip() for part in (order_by or "").split(",") if part.strip()]):
        name, _, direction = term.partition(" ")
        if name not in _ORDERS or direction.strip() not in ("", "desc", "asc"):
            raise invalid_parameter("orderBy")
        read = attrgetter(_ORDERS[name])
        ordered.sort(key=_first_by(read), reverse=direction.strip() == "desc")
    return ordered


def _first_by(read: Callable[[Candidate], Any]) -> Callable[[tuple[Candidate, str]], Any]:
    return lambda pair: read(pair[0])


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None or match.lastgroup is None:
            raise invalid_parameter("q")
        tokens.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return tokens


class _Reader:
    """Reads `or` over `and` over `not` over terms."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._position = 0

    def read_or(self) -> Test:
        tests = [self._read_and()]
        while self._take_word("or"):
            tests.append(self._read_and())
        return tests[0] if len(tests) == 1 else lambda file: any(test(file) for test in tests)

    def expect_end(self) -> None:
        if self._position < len(self._tokens):
            raise invalid_parameter("q")

    def _read_and(self) -> Test:
        tests = [self._read_not()]
        while self._take_word("and"):
            tests.append(self._read_not())
        return tests[0] if len(tests) == 1 else lambda file: all(test(file) for test in tests)

    def _read_not(self) -> Test:
        if self._take_word("not"):
            test = self._read_not()
            return lambda file: not test(file)
        if self._peek() == ("mark", "("):
            self._position += 1
            test = self.read_or()
            if self._next() != ("mark", ")"):
                raise invalid_parameter("q")
            return test
        return self._read_term()

    def _read_term(self) -> Test:
        kind, left = self._next()
        operator = self._next()[1]
        if kind == "string":
            name = self._next()[1]
            return _membership(_unquoted(left), operator, name)
        if operator == "has":
            return self._read_has(left)
        return _comparison(left, operator, self._next())

    def _read_has(self, name: str) -> Test:
        parts = [self._next()[1] for _ in range(9)]
        shape = [parts[0], parts[1], parts[2], parts[4], parts[5], parts[6], parts[8]]
        if shape != ["{", "key", "=", "and", "value", "=", "}"]:
            raise invalid_parameter("q")
        key, value = _unquoted(parts[3]), _unquoted(parts[7])
        match name:
            case "properties":
                return lambda file: file.properties.get(key) == value
            case "appProperties":
                return lambda file: file.app_properties.get(key) == value
            case _:
                raise invalid_parameter("q")

    def _peek(self) -> tuple[str, str] | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token is None:
            raise invalid_parameter("q")
        self._position += 1
        return token

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        if token is None or token[0] != "word" or token[1].lower() != word:
            return False
        self._position += 1
        return True


def _membership(value: str, operator: str, name: str) -> Test:
    """`'x' in parents` and its like."""
    if operator != "in" or name not in ("parents", "owners", "writers", "readers"):
        raise invalid_parameter("q")
    wanted = value if name == "parents" else value.lower()
    return lambda file: wanted in getattr(file, name)


def _comparison(name: str, operator: str, token: tuple[str, str]) -> Test:
    kind, raw = token
    value = _unquoted(raw) if kind == "string" else raw
    if (kind == "string") == (name in _BOOLEANS):
        raise invalid_parameter("q")
    match name:
        case "name" | "title":
            return _name_test(operator, value)
        case "fullText" if operator == "contains":
            # Content is not indexed: the local server searches names only.
            return _name_test("contains", value)
        case "mimeType":
            return _text_test(lambda file: file.mime_type, operator, value)
        case "createdTime" | "modifiedTime" | "viewedByMeTime":
            return _time_test(name, operator, value)
        case _ if name in _BOOLEANS:
            return _boolean_test(name, operator, value)
        case "parents" | "owners" | "writers" | "readers" if operator == "in":
            # Google takes the sides in this order too; gspread writes it so.
            return _membership(value, "in", name)
        case _:
            raise invalid_parameter("q")


def _name_test(operator: str, value: str) -> Test:
    folded = value.casefold()
    match operator:
        case "contains":
            # Drive matches the beginnings of words only.
            pattern = re.compile(r"(?:^|[\W_])" + re.escape(folded))
            return lambda file: pattern.search(file.name.casefold()) is not None
        case "=":
            return lambda file: file.name.casefold() == folded
        case "!=":
            return lambda file: file.name.casefold() != folded
        case _:
            raise invalid_parameter("q")


def _text_test(read: Callable[[Candidate], str], operator: str, value: str) -> Test:
    match operator:
        case "=":
            return lambda file: read(file) == value
        case "!=":
            return lambda file: read(file) != value
        case "contains":
            return lambda file: read(file).startswith(value)
        case _:
            raise invalid_parameter("q")


def _time_test(name: str, operator: str, value: str) -> Test:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid_parameter("q") from error
    limit = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    attribute = "created" if name == "createdTime" else "modified"
    compare: dict[str, Callable[[datetime], bool]] = {
        "=": lambda time: time == limit,
        "!=": lambda time: time != limit,
        "<": lambda time: time < limit,
        "<=": lambda time: time <= limit,
        ">": lambda time: time > limit,
        ">=": lambda time: time >= limit,
    }
    if operator not in compare:
        raise invalid_parameter("q")
    test = compare[operator]
    return lambda file: test(getattr(file, attribute))


def _boolean_test(name: str, operator: str, value: str) -> Test:
    if operator not in ("=", "!=") or value.lower() not in ("true", "false"):
        raise invalid_parameter("q")
    wanted = (value.lower() == "true") == (operator == "=")
    attribute = "shared_with_me" if name == "sharedWithMe" else name
    return lambda file: getattr(file, attribute) is wanted


def _unquoted(token: str) -> str:
    if len(token) < 2 or token[0] not in "'\"":
        raise invalid_parameter("q")
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)
