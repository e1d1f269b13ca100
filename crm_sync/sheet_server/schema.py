"""The messages of the Sheets API: reads a JSON body as one of them, as proto3 JSON is read.

`schema.json` holds name and type of every field, taken from Google's discovery document
(sheets.v4.json); tests compare both. A body that does not fit is answered in the words of
Google's JSON transcoder, with the path of each field that is wrong.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from crm_sync.sheet_server.api_error import violations

Reader = Callable[[Any], Any]

_TYPE = "type.googleapis.com/"
_API = _TYPE + "google.apps.sheets.v4."

# Fields that proto3 JSON prints although they hold a default: Google declares them with presence.
_PRESENT = {
    "ExtendedValue": {"boolValue", "numberValue", "stringValue", "formulaValue"},
    "GridRange": {"startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"},
    "DimensionRange": {"startIndex", "endIndex"},
    "TextFormat": {"bold", "italic", "strikethrough", "underline", "fontSize"},
    "TextRotation": {"angle", "vertical"},
    "SheetProperties": {"sheetId", "index"},
    "ManualRuleGroup": {"groupName"},
    "DeveloperMetadataLocation": {"sheetId"},
}

# Enums whose name is not that of the field that uses them.
_ENUM_NAMES = {
    "majorDimension": "Dimension",
    "dimension": "Dimension",
    "type": "ConditionType",
    "sortOrder": "SortOrder",
    "shiftDimension": "Dimension",
    "responseValueRenderOption": "ValueRenderOption",
}


class _Misfit(Exception):
    """Problems found below one value: (path so far, description with {} for the whole path)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__()
        self.problems = problems

    def under(self, step: str) -> list[tuple[str, str]]:
        """The problems with the step before their paths."""
        return [
            (step + path if not path or path[0] == "[" else f"{step}.{path}", text)
            for path, text in self.problems
        ]


def read(message: str, body: Any, root: str = "") -> dict[str, Any]:
    """The body as this message: types converted, nulls and defaults left out.

    `root` is the name under which Google's own request holds the body ("data" for values).
    Raises ApiError 400 with one field violation for each misfit.
    """
    try:
        result: dict[str, Any] = message_reader(message)({} if body is None else body)
    except _Misfit as misfit:
        problems = misfit.under(root) if root else misfit.problems
        raise violations([_described(path, text) for path, text in problems]) from None
    return result


def field_names(message: str) -> frozenset[str]:
    """The JSON names of the fields of a message; empty for a name that is not a message."""
    return frozenset(_messages().get(message, {}))


def field_type(message: str, field: str) -> str:
    """The type of a field as schema.json writes it: `[CellData`, `int32`, `enum:A|B`."""
    return _messages()[message][field]


@cache
def _messages() -> dict[str, dict[str, str]]:
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    messages: dict[str, dict[str, str]] = json.loads(text)["messages"]
    return messages


def _described(path: str, text: str) -> tuple[str, str]:
    where = f" at '{path}'" if path else ""
    return path, text.replace("{at}", where)


def snake(name: str) -> str:
    """The proto name of a JSON name: `pasteType` -> `paste_type`."""
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


class _Field:
    """How one field of a message is read, and whether its default value is printed."""

    __slots__ = ("is_kept", "name", "read")

    def __init__(self, name: str, read: Reader, is_kept: bool) -> None:
        self.name = name
        self.read = read
        self.is_kept = is_kept


@cache
def _fields(message: str) -> dict[str, _Field]:
    """The fields of a message, each under its JSON name and its proto name."""
    kept = _PRESENT.get(message, set())
    fields: dict[str, _Field] = {}
    for name, code in _messages()[message].items():
        field = _Field(name, _reader(code, name), name in kept)
        fields[name] = field
        fields[snake(name)] = field
    return fields


@cache
def message_reader(message: str) -> Reader:
    """A function that reads a JSON object as this message."""

    def read_message(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict:
            raise _Misfit([("", _wrong(value, _API + message))])
        fields = _fields(message)
        result: dict[str, Any] = {}
        problems: list[tuple[str, str]] = []
        for key, item in value.items():
            if item is None:
                continue
            field = fields.get(key)
            if field is None:
                problems.append(("", _unknown(key)))
                continue
            try:
                read = field.read(item)
            except _Misfit as misfit:
                problems.extend(misfit.under(snake(key)))
                continue
            if read or field.is_kept or read.__class__ is dict:
                result[field.name] = read
        if problems:
            raise _Misfit(problems)
        return result

    return read_message


def _unknown(name: str) -> str:
    return f'Invalid JSON payload received. Unknown name "{name}"{{at}}: Cannot find field.'


def _wrong(value: Any, type_name: str) -> str:
    if isinstance(value, list):
        return (
            'Invalid JSON payload received. Unknown name ""{at}: '
            "Proto field is not repeating, cannot start list."
        )
    shown = "Starting an object on a scalar field" if isinstance(value, dict) else _shown(value)
    return f"Invalid value{{at}} ({type_name}), {shown}"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _reader(code: str, field: str) -> Reader:
    if code.startswith("[["):
        return _lists_reader()
    if code.startswith("["):
        return _list_reader(_reader(code[1:], field))
    if code.startswith("{"):
        return _map_reader(_reader(code[1:], field))
    if code.startswith("enum:"):
        return _enum_reader(code[5:].split("|"), field)
    if code in _SCALARS:
        return _SCALARS[code]
    return message_reader(code)


def _list_reader(item_reader: Reader) -> Reader:
    def read_list(value: Any) -> list[Any]:
        if value.__class__ is not list:
            return [item_reader(value)] if isinstance(value, dict) else _not_a_list(value)
        items = _flat(value)
        try:
            return [item_reader({} if item is None else item) for item in items]
        except _Misfit:
            raise _Misfit(_list_problems(item_reader, items)) from None

    def _not_a_list(value: Any) -> list[Any]:
        try:
            item_reader(value)
        except _Misfit as misfit:
            raise _Misfit(misfit.problems) from None
        return [item_reader(value)]

    return read_list


def _flat(items: list[Any]) -> list[Any]:
    """The items with lists among them opened: a list in a list goes on with the same field.

    pygsheets lives on it: it sends `{"requests": [[{...}]]}`.
    """
    if not any(item.__class__ is list for item in items):
        return items
    return [each for item in items for each in (_flat(item) if isinstance(item, list) else [item])]


def _list_problems(item_reader: Reader, items: list[Any]) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    for index, item in enumerate(items):
        try:
            item_reader({} if item is None else item)
        except _Misfit as misfit:
            problems.extend(misfit.under(f"[{index}]"))
    return problems


def _lists_reader() -> Reader:
    name = _TYPE + "google.protobuf.ListValue"

    def read_lists(value: Any) -> list[Any]:
        if value.__class__ is not list:
            raise _Misfit([("", f"Invalid value{{at}} ({name}), {_shown(value)}")])
        problems = [
            (f"[{index}]", f"Invalid value{{at}} ({name}), {_shown(item)}")
            for index, item in enumerate(value)
            if item.__class__ is not list
        ]
        if problems:
            raise _Misfit(problems)
        return value

    return read_lists


def _map_reader(item_reader: Reader) -> Reader:
    def read_map(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict:
            raise _Misfit([("", _wrong(value, "map"))])
        result: dict[str, Any] = {}
        for key, item in value.items():
            try:
                result[key] = item_reader(item)
            except _Misfit as misfit:
                raise _Misfit(misfit.under(f"{key}")) from None
        return result

    return read_map


def _enum_reader(names: list[str], field: str) -> Reader:
    values = frozenset(names)
    zero = names[0] if names[0].endswith("_UNSPECIFIED") else None
    type_name = _API + _ENUM_NAMES.get(field, field[0].upper() + field[1:])

    def read_enum(value: Any) -> str:
        if value in values if isinstance(value, str) else False:
            return "" if value == zero else str(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
            return "" if names[value] == zero else names[value]
        raise _Misfit([("", _wrong(value, type_name))])

    return read_enum


def _read_string(value: Any) -> str:
    if value.__class__ is str:
        return str(value)
    raise _Misfit([("", _wrong(value, "TYPE_STRING"))])


def _read_bool(value: Any) -> bool:
    if value.__class__ is bool:
        return bool(value)
    if value in ("true", "false") and isinstance(value, str):
        return value == "true"
    raise _Misfit([("", _wrong(value, "TYPE_BOOL"))])


def _integer_reader(bits: int) -> Reader:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1)
    name = f"TYPE_INT{bits}"

    def read_integer(value: Any) -> int:
        number = value
        if number.__class__ is not int:
            number = _whole(value)
        if number is None or not low <= number < high:
            raise _Misfit([("", _wrong(value, name))])
        return int(number)

    return read_integer


def _whole(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        return int(value)
    return None


def _read_int64(value: Any) -> str:
    return str(_integer_reader(64)(value))


def _read_double(value: Any) -> int | float:
    if value.__class__ is int or value.__class__ is float:
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value, re.ASCII):
        number = float(value)
        if abs(number) != float("inf"):
            return number
    raise _Misfit([("", _wrong(value, "TYPE_DOUBLE"))])


def _read_float(value: Any) -> int | float:
    try:
        return float32(_read_double(value))
    except (_Misfit, OverflowError):
        raise _Misfit([("", _wrong(value, "TYPE_FLOAT"))]) from None


@lru_cache(maxsize=4096)
def float32(number: float) -> int | float:
    """The number as a 32-bit float prints it: 0.4980392156862745 -> 0.49803922, 1.0 -> 1."""
    packed = struct.pack("<f", number)
    value: float = struct.unpack("<f", packed)[0]
    if value.is_integer() and abs(value) < 2**53:
        return int(value)
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("<f", short) == packed:
            return short
    return value


_SCALARS: dict[str, Reader] = {
    "string": _read_string,
    "mask": _read_string,
    "bool": _read_bool,
    "int32": _integer_reader(32),
    "int64": _read_int64,
    "double": _read_double,
    "float": _read_float,
    "any": lambda value: value,
}
