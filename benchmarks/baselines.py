"""What the same work costs when it is done in the usual ways, measured in the same run."""

from __future__ import annotations

import csv
import importlib.util
import io
import sqlite3
from collections.abc import Callable, Iterator

import gspread.utils
import orjson

Cells = list[list[object]]


def dictionaries(payload: bytes) -> None:
    """The straightforward sync: a dictionary for each row on both sides, compared cell by cell."""
    values = _largest(payload)
    theirs = {row["№"]: row for row in gspread.utils.to_records(values[0], values[1:])}
    ours = {row["№"]: row for row in gspread.utils.to_records(values[0], values[1:])}
    for key, row in theirs.items():
        other = ours.get(key, {})
        assert not [name for name, cell in row.items() if other.get(name) != cell]


def data_frame(payload: bytes) -> None:
    """The usual script: gspread's records into a pandas frame, the frame into SQLite."""
    import pandas as pd

    values = _largest(payload)
    frame = pd.DataFrame(gspread.utils.to_records(values[0], values[1:]))
    connection = sqlite3.connect(":memory:")
    frame.to_sql("clients", connection, index=False)
    connection.close()


def table_diff(payload: bytes) -> None:
    """A tool that compares two tables: csv-diff, by the id column."""
    import csv_diff

    values = _largest(payload)
    text = io.StringIO()
    csv.writer(text).writerows(values)
    sides = [csv_diff.load_csv(io.StringIO(text.getvalue()), key="№") for _ in range(2)]
    assert not csv_diff.compare(*sides)["changed"]


def table_diff_by_daff(payload: bytes) -> None:
    """The same with daff, which lines rows up by itself."""
    import daff

    values = _largest(payload)
    sides = [daff.PythonTableView([list(row) for row in values]) for _ in range(2)]
    alignment = daff.Coopy.compareTables(*sides).align()
    difference = daff.PythonTableView([])
    flags = daff.CompareFlags()
    flags.ids = ["№"]
    daff.TableDiff(alignment, flags).hilite(difference)


def known() -> Iterator[tuple[str, Callable[[bytes], None]]]:
    """The baselines that this installation can measure, by name."""
    yield "dictionaries, cell by cell", dictionaries
    if importlib.util.find_spec("pandas"):
        yield "gspread records + pandas", data_frame
    if importlib.util.find_spec("csv_diff"):
        yield "csv-diff", table_diff
    if importlib.util.find_spec("daff"):
        yield "daff", table_diff_by_daff


def _largest(payload: bytes) -> Cells:
    """The values of the tab of clients, padded as gspread pads them."""
    ranges = orjson.loads(payload)["valueRanges"]
    found = [matched["valueRange"].get("values", []) for matched in ranges]
    values = max((rows for rows in found if rows and "№" in rows[0]), key=len)
    width = len(values[0])
    return [row + [""] * (width - len(row)) for row in values]
