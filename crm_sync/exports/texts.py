"""Records as text files: CSV for people, CSV and JSON lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from crm_sync.core.values import Scalar

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet read a text as a formula, its full-width forms among them:
https://owasp.org/www-community/attacks/CSV_Injection
"""


def csv_for_people(headings: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    """A file that a spreadsheet program opens with a double click: with a byte order mark, and with
    an apostrophe before each text that it would take for a formula.
    """
    return b"\xef\xbb\xbf" + _csv(headings, (map(_harmless, row) for row in rows), delimiter)


def csv_for_programs(names: Sequence[str], rows: Iterable[Sequence[Scalar]]) -> bytes:
    """Canonical values as they are, under the names of their fields; RFC 4180, UTF-8."""
    return _csv(names, (["" if cell is None else str(cell) for cell in row] for row in rows), ",")


def json_lines(records: Iterable[dict[str, Scalar]]) -> bytes:
    """A JSON object a line, canonical values by field: https://jsonlines.org"""
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in records).encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def _csv(first: Sequence[str], rows: Iterable[Iterable[str]], delimiter: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(first)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "replace")
