"""How a workbook and a store stand to each other, told by the stamp of the last write."""

from __future__ import annotations

import pytest

from crm_sync.core.stamp import NO_STAMP, Stamp, Standing, read_stamp, standing

NUMBERS = {"first": 1, "second": 2, "third": 3}


def stamp(operation: str, store: str = "mine", file: str = "book") -> Stamp:
    return Stamp(operation, store, file, "2026-03-10T09:00:00+00:00")


@pytest.mark.parametrize(
    ("found", "last", "expected"),
    [
        (stamp("second"), "second", Standing.TOGETHER),
        (stamp("third"), "second", Standing.TOGETHER),
        (stamp("first"), "second", Standing.BOOK_OLD),
        (stamp("unknown"), "second", Standing.STORE_OLD),
        (stamp("first"), "", Standing.TOGETHER),
        (stamp("unknown"), "", Standing.STORE_OLD),
        (NO_STAMP, "second", Standing.UNSTAMPED),
        (stamp("unknown", store=""), "second", Standing.UNSTAMPED),
        (stamp("third", file="other"), "second", Standing.COPY),
        (stamp("unknown", store="theirs", file="other"), "second", Standing.COPY),
        (stamp("unknown", store="theirs"), "second", Standing.OTHER_STORE),
        (stamp("first", store="theirs"), "second", Standing.OTHER_STORE),
    ],
)
def test_stamp_tells_what_went_back_and_what_is_anothers(
    found: Stamp, last: str, expected: Standing
) -> None:
    told = standing(found, store="mine", file="book", last=last, number=NUMBERS.get)
    assert told is expected


def test_stamp_is_read_as_it_was_written_and_what_is_missing_is_blank() -> None:
    written = stamp("first")
    assert read_stamp(written.cells) == written
    assert read_stamp(("first",)) == Stamp("first")
    assert read_stamp(()) == NO_STAMP
