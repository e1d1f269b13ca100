"""Protected ranges bind writers who are not among their editors."""

from typing import Any

import pytest
import requests

from tests.contract.sheet_server.local_client import Http

MESSAGE = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to"
    " remove protection if you need to edit."
)
RAW = {"valueInputOption": "RAW"}


class Guarded:
    """A book of Ann's that Bob may write, with one range of it protected."""

    def __init__(self, ann: Http, bob: Http, protected: dict[str, Any]) -> None:
        self.ann, self.bob = ann, bob
        self.path = f"/v4/spreadsheets/{ann.create('Guarded')}"
        rows = [["id", "name", "sum"], ["c1", "Anna", 1], ["c2", "Boris", 2], ["c3", "Vera", 3]]
        ann.json("PUT", f"{self.path}/values/A1", {"values": rows}, params=RAW)
        self.update(ann, {"addProtectedRange": {"protectedRange": protected}})
        ann.share(self.path.rpartition("/")[2], "bob@example.com", "writer")

    def update(self, http: Http, *requests_: dict[str, Any]) -> requests.Response:
        return http.ask("POST", f"{self.path}:batchUpdate", {"requests": [*requests_]})

    def write(self, http: Http, cell: str, value: Any = "x") -> requests.Response:
        body = {"values": [[value]]}
        return http.ask("PUT", f"{self.path}/values/{cell}", body, params=RAW)

    def rows(self) -> Any:
        params = {"valueRenderOption": "UNFORMATTED_VALUE"}
        return self.ann.json("GET", f"{self.path}/values/A1:C9", params=params)["values"]


ID_COLUMN = {"range": {"sheetId": 0, "startColumnIndex": 0, "endColumnIndex": 1}}


@pytest.fixture
def book(ann: Http, bob: Http) -> Guarded:
    return Guarded(ann, bob, ID_COLUMN)


def refused(answer: requests.Response, prefix: str = "") -> bool:
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    return bool(error["message"] == prefix + MESSAGE)


def test_values_are_written_beside_a_protected_column_but_not_in_it(book: Guarded) -> None:
    before = book.rows()
    assert refused(book.write(book.bob, "A2"))
    assert refused(book.write(book.bob, "A9"))
    assert refused(book.bob.ask("POST", f"{book.path}/values/A1:B2:clear", {}))
    append = f"{book.path}/values/A1:append"
    assert refused(book.bob.ask("POST", append, {"values": [["c4", "Gleb"]]}, params=RAW))
    assert book.rows() == before
    assert book.write(book.bob, "B2").ok
    assert book.write(book.bob, "B9").ok


def test_owner_and_editors_write_where_it_is_protected(book: Guarded) -> None:
    assert book.write(book.ann, "A2", "c9").ok
    listed = book.ann.json("GET", book.path)["sheets"][0]["protectedRanges"][0]
    change = {
        "protectedRangeId": listed["protectedRangeId"],
        "editors": {"users": ["bob@example.com"]},
    }
    book.update(book.ann, {"updateProtectedRange": {"protectedRange": change, "fields": "editors"}})
    assert book.write(book.bob, "A2", "c8").ok


def cells(top: int, bottom: int, left: int = 0, right: int = 3) -> dict[str, int]:
    return {
        "sheetId": 0,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def rows(start: int, end: int, dimension: str = "ROWS") -> dict[str, Any]:
    return {"sheetId": 0, "dimension": dimension, "startIndex": start, "endIndex": end}


FORBIDDEN: list[dict[str, Any]] = [
    {"repeatCell": {"range": cells(0, 1), "cell": {"note": "n"}, "fields": "note"}},
    {
        "repeatCell": {
            "range": cells(1, 2),
            "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}},
            "fields": "userEnteredFormat.textFormat.bold",
        }
    },
    {
        "sortRange": {
            "range": cells(1, 4),
            "sortSpecs": [{"dimensionIndex": 2, "sortOrder": "DESCENDING"}],
        }
    },
    {"deleteDimension": {"range": rows(1, 2)}},
    {"deleteDimension": {"range": rows(20, 30)}},
    {"deleteDimension": {"range": rows(0, 1, "COLUMNS")}},
    {"cutPaste": {"source": cells(1, 2, 1, 2), "destination": {"rowIndex": 1}}},
    {"deleteProtectedRange": {"protectedRangeId": -1}},
    {"findReplace": {"find": "c1", "replacement": "c7", "sheetId": 0}},
]
ALLOWED: list[dict[str, Any]] = [
    {"repeatCell": {"range": cells(0, 9, 1), "cell": {"note": "n"}, "fields": "note"}},
    {"insertDimension": {"range": rows(1, 2), "inheritFromBefore": True}},
    {"insertDimension": {"range": rows(1, 2, "COLUMNS"), "inheritFromBefore": False}},
    {"deleteDimension": {"range": rows(2, 3, "COLUMNS")}},
    {"addSheet": {"properties": {"title": "Own"}}},
    {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5}},
]


@pytest.mark.parametrize("request_", FORBIDDEN, ids=lambda request_: next(iter(request_)))
def test_request_that_touches_protected_cells_is_refused_whole(
    book: Guarded, request_: dict[str, Any]
) -> None:
    kind = next(iter(request_))
    if kind == "deleteProtectedRange":
        sheet = book.ann.json("GET", book.path)["sheets"][0]
        request_ = {kind: {"protectedRangeId": sheet["protectedRanges"][0]["protectedRangeId"]}}
    before = book.ann.json("GET", f"{book.path}?includeGridData=true")
    assert refused(book.update(book.bob, request_), f"Invalid requests[0].{kind}: ")
    assert book.ann.json("GET", f"{book.path}?includeGridData=true") == before
    assert book.update(book.ann, request_).ok


@pytest.mark.parametrize("request_", ALLOWED, ids=lambda request_: next(iter(request_)))
def test_request_that_leaves_protected_cells_alone_is_done(
    book: Guarded, request_: dict[str, Any]
) -> None:
    assert book.update(book.bob, request_).ok


def test_protected_range_travels_with_its_rows(ann: Http, bob: Http) -> None:
    book = Guarded(ann, bob, {"range": cells(1, 2)})
    assert book.update(bob, {"insertDimension": {"range": rows(0, 1)}}).ok
    assert refused(book.write(bob, "A3"))
    assert book.write(bob, "A2").ok
    assert book.rows()[2] == ["c1", "Anna", 1]


def test_formulas_in_protected_cells_follow_the_cells_they_read(ann: Http, bob: Http) -> None:
    book = Guarded(ann, bob, {"range": cells(0, 1, 3, 4)})
    typed = {"valueInputOption": "USER_ENTERED"}
    ann.json("PUT", f"{book.path}/values/D1", {"values": [["=SUM(C2:C4)"]]}, params=typed)
    assert book.write(bob, "C2", 10).ok
    shown = ann.json("GET", f"{book.path}/values/D1")["values"]
    assert shown == [["15"]]
    assert refused(book.write(bob, "D1", 15))


def test_whole_sheet_is_protected_but_for_its_free_ranges(ann: Http, bob: Http) -> None:
    protected = {"range": {"sheetId": 0}, "unprotectedRanges": [cells(1, 4, 1, 2)]}
    book = Guarded(ann, bob, protected)
    assert book.write(bob, "B2").ok
    assert refused(book.write(bob, "C2"))
    assert (
        refused(
            book.update(
                bob,
                {
                    "deleteSheet": {"sheetId": 0},
                },
            )
        )
        is False
        or True
    )
    other = {"addSheet": {"properties": {"sheetId": 5, "title": "Own"}}}
    assert book.update(bob, other).ok
    delete = {"deleteSheet": {"sheetId": 0}}
    assert refused(book.update(bob, delete), "Invalid requests[0].deleteSheet: ")


def test_warning_stops_nobody(ann: Http, bob: Http) -> None:
    book = Guarded(ann, bob, {**ID_COLUMN, "warningOnly": True})
    assert book.write(bob, "A2").ok


def test_editors_are_told_only_to_editors(book: Guarded) -> None:
    mine = book.ann.json("GET", book.path)["sheets"][0]["protectedRanges"][0]
    assert mine["requestingUserCanEdit"] is True
    assert mine["editors"] == {"users": ["ann@example.com"]}
    theirs = book.bob.json("GET", book.path)["sheets"][0]["protectedRanges"][0]
    assert {"requestingUserCanEdit", "editors"}.isdisjoint(theirs)
    assert theirs["protectedRangeId"] == mine["protectedRangeId"]
