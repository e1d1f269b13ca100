"""HTTP as Google speaks it: printing, compression, errors in the right shape, never a 500."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_sync.sheet_server.answer_fields import drive_messages, sheets_messages
from tests.contract.sheet_server.local_client import Http

JSON = "application/json; charset=UTF-8"


@pytest.fixture
def book(ann: Http) -> str:
    return ann.create("HTTP")


def error_of(answer: requests.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == answer.status_code
    return error


def test_answers_are_printed_as_google_prints_them(ann: Http) -> None:
    body = {"name": "Ива", "mimeType": "application/vnd.google-apps.spreadsheet"}
    answer = ann.ask("POST", "/drive/v3/files", body)
    assert answer.headers["content-type"] == JSON
    assert answer.content.decode() == (
        '{\n  "kind": "drive#file",\n'
        f'  "id": "{answer.json()["id"]}",\n'
        '  "name": "Ива",\n'
        '  "mimeType": "application/vnd.google-apps.spreadsheet"\n}\n'
    )


def test_pretty_print_can_be_switched_off(ann: Http, book: str) -> None:
    answer = ann.ask("GET", f"/v4/spreadsheets/{book}/values/A1", params={"prettyPrint": "false"})
    assert answer.content == b'{"range":"Sheet1!A1","majorDimension":"ROWS"}\n'


def test_delete_answers_204_without_a_body(ann: Http) -> None:
    answer = ann.ask("DELETE", f"/drive/v3/files/{ann.create()}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["content-type"] == "text/html"


def test_large_answers_are_compressed_if_the_client_takes_it(ann: Http, book: str) -> None:
    path = f"{ann.url}/v4/spreadsheets/{book}"
    raw = ann.session.get(path, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=20)
    packed = raw.raw.read(decode_content=False)
    plain = ann.ask("GET", f"/v4/spreadsheets/{book}", headers={"Accept-Encoding": "identity"})
    assert raw.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content


def test_large_answers_are_neither_indented_nor_compressed(ann: Http) -> None:
    file_id = ann.create()
    values = [[f"{row} " + "x" * 500] * 3 for row in range(900)]
    path = f"/v4/spreadsheets/{file_id}/values/A1"
    ann.json("PUT", path, {"values": values}, params={"valueInputOption": "RAW"})

    answer = ann.ask("GET", f"/v4/spreadsheets/{file_id}/values/Sheet1")

    assert answer.json()["values"] == values
    assert "content-encoding" not in answer.headers
    assert b"\n " not in answer.content


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v4/spreadsheets"),
        ("GET", "/v4/nothing"),
        ("GET", "/v5/spreadsheets/x"),
        ("PATCH", "/v4/spreadsheets/x"),
        ("POST", "/v4/spreadsheets/x:unknown"),
        ("POST", "/v4/spreadsheets/x/values/A1:unknown"),
        ("GET", "/drive/v2/files"),
        ("PUT", "/drive/v3/files/x"),
        ("OPTIONS", "/drive/v3/files"),
    ],
)
def test_unknown_addresses_answer_google_s_page(ann: Http, method: str, path: str) -> None:
    answer = ann.ask(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    assert "<title>Error 404 (Not Found)!!1</title>" in answer.text


def test_unknown_address_is_shown_without_its_markup(ann: Http) -> None:
    assert "<script>" not in ann.ask("GET", "/%3Cscript%3E<script>").text


def test_missing_spreadsheet_is_not_found(ann: Http) -> None:
    assert error_of(ann.ask("GET", "/v4/spreadsheets/test")) == {
        "code": 404,
        "message": "Requested entity was not found.",
        "status": "NOT_FOUND",
    }


def test_missing_file_is_not_found_in_drive_s_words(ann: Http) -> None:
    assert error_of(ann.ask("GET", "/drive/v3/files/test")) == {
        "code": 404,
        "message": "File not found: test.",
        "errors": [
            {
                "message": "File not found: test.",
                "domain": "global",
                "reason": "notFound",
                "location": "fileId",
                "locationType": "parameter",
            }
        ],
    }


def test_values_of_a_wrong_type_are_named_with_their_place(ann: Http, book: str) -> None:
    text = "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    answer = ann.ask(
        "PUT",
        f"/v4/spreadsheets/{book}/values/%27Sheet1%27%21A1",
        {"values": "X", "majorDimension": None},
        params={"valueInputOption": "RAW"},
    )
    assert error_of(answer) == {
        "code": 400,
        "message": text,
        "status": "INVALID_ARGUMENT",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": "data.values", "description": text}],
            }
        ],
    }


@pytest.mark.parametrize(
    "body", [b"{", b"{'a': 1}", b"\xff\xfe", b'{"values": [[NaN]]}', b"[1", b"x"]
)
def test_body_that_is_not_json_is_a_400(ann: Http, book: str, body: bytes) -> None:
    sheets = ann.ask("POST", f"/v4/spreadsheets/{book}:batchUpdate", data=body)
    drive = ann.ask("PATCH", f"/drive/v3/files/{book}", data=body)
    assert error_of(sheets)["status"] == "INVALID_ARGUMENT"
    assert error_of(sheets)["message"].startswith("Invalid JSON payload received.")
    assert error_of(drive)["errors"][0]["reason"] == "parseError"


@pytest.mark.parametrize("body", [[], [{}], 5, "text", True])
def test_body_that_is_no_message_is_a_400(ann: Http, book: str, body: Any) -> None:
    answer = ann.ask("POST", f"/v4/spreadsheets/{book}:batchUpdate", data=json.dumps(body))
    assert error_of(answer)["status"] == "INVALID_ARGUMENT"
    assert "Root element must be a message" in error_of(answer)["message"]
    assert ann.ask("POST", "/drive/v3/files", data=json.dumps(body)).status_code == 400


def test_unknown_query_parameter_is_named(ann: Http, book: str) -> None:
    answer = ann.ask("GET", f"/v4/spreadsheets/{book}", params={"colour": "red"})
    assert error_of(answer)["message"] == (
        'Invalid JSON payload received. Unknown name "colour": Cannot bind query parameter.'
        " Field 'colour' could not be found in request message."
    )
    assert ann.ask("GET", "/drive/v3/files", params={"colour": "red"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("", {"includeGridData": "perhaps"}, "include_grid_data"),
        ("/values/A1", {"majorDimension": "DIAGONALS"}, "major_dimension"),
        ("/values/A1", {"valueRenderOption": "PRETTY"}, "value_render_option"),
        ("/values:batchGet", {"dateTimeRenderOption": "X"}, "date_time_render_option"),
    ],
)
def test_query_parameter_of_a_wrong_type_is_named(
    ann: Http, book: str, path: str, params: dict[str, str], field: str
) -> None:
    error = error_of(ann.ask("GET", f"/v4/spreadsheets/{book}{path}", params=params))
    assert error["message"].startswith(f"Invalid value at '{field}' (")
    assert error["details"][0]["fieldViolations"][0]["field"] == field


@pytest.mark.parametrize("value", ["true", "True", "false", "False"])
def test_booleans_of_a_query_are_read_in_any_case(ann: Http, book: str, value: str) -> None:
    answer = ann.json("GET", f"/v4/spreadsheets/{book}", params={"includeGridData": value})
    assert ("data" in answer["sheets"][0]) is (value.lower() == "true")


@pytest.mark.parametrize(
    ("fields", "chosen"),
    [
        ("spreadsheetId", {"spreadsheetId"}),
        ("namedRanges", set()),
        ("properties.title,spreadsheetUrl", {"properties", "spreadsheetUrl"}),
        ("sheets(properties(title),merges)", {"sheets"}),
    ],
)
def test_fields_pick_from_any_answer(ann: Http, book: str, fields: str, chosen: set[str]) -> None:
    assert set(ann.json("GET", f"/v4/spreadsheets/{book}", params={"fields": fields})) == chosen


def test_fields_decide_over_grid_data(ann: Http, book: str) -> None:
    path = f"/v4/spreadsheets/{book}"
    ann.json("PUT", f"{path}/values/A1", {"values": [["x"]]}, params={"valueInputOption": "RAW"})
    notes = "sheets/data/rowData/values/formattedValue"
    with_mask = {"fields": notes, "includeGridData": "false"}
    assert ann.json("GET", path, params=with_mask) == {
        "sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "x"}]}]}]}]
    }
    without_grid = {"fields": "sheets.properties.title", "includeGridData": "true"}
    assert ann.json("GET", path, params=without_grid) == {
        "sheets": [{"properties": {"title": "Sheet1"}}]
    }


@pytest.mark.parametrize("fields", ["colour", "sheets.colour", "spreadsheetId.x", "a("])
def test_fields_that_do_not_exist_are_refused(ann: Http, book: str, fields: str) -> None:
    sheets = ann.ask("GET", f"/v4/spreadsheets/{book}?fields={fields}")
    assert error_of(sheets)["message"] == "Request contains an invalid argument."
    assert error_of(sheets)["details"][0]["fieldViolations"][0]["description"].startswith(
        "Error expanding 'fields' parameter."
    )
    drive = ann.ask("GET", f"/drive/v3/files/{book}?fields={fields}")
    assert error_of(drive)["message"].startswith("Invalid field selection")


def test_spaces_in_fields_are_forgiven_by_drive_alone(ann: Http, book: str) -> None:
    fields = {"fields": "id, name"}
    assert list(ann.json("GET", f"/drive/v3/files/{book}", params=fields)) == ["id", "name"]
    fields = {"fields": "properties, sheets.properties"}
    assert ann.ask("GET", f"/v4/spreadsheets/{book}", params=fields).status_code == 400


def test_long_get_may_travel_as_a_post(ann: Http, book: str) -> None:
    answer = ann.ask(
        "POST",
        f"/v4/spreadsheets/{book}/values:batchGet",
        data="ranges=A1&ranges=B2",
        headers={
            "X-HTTP-Method-Override": "GET",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    assert [each["range"] for each in answer.json()["valueRanges"]] == ["Sheet1!A1", "Sheet1!B2"]


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("a/b", "%27a%2Fb%27%21A1"),
        ("a:b", "%27a%3Ab%27%21A1"),
        ("100%", "%27100%25%27%21A1"),
        ("A1:clear", "%27A1%3Aclear%27%21A1"),
        ("вкладка ?&#", "%27%D0%B2%D0%BA%D0%BB%D0%B0%D0%B4%D0%BA%D0%B0%20%3F%26%23%27%21A1"),
    ],
)
def test_any_tab_title_can_stand_in_a_path(ann: Http, book: str, title: str, quoted: str) -> None:
    path = f"/v4/spreadsheets/{book}"
    ann.json(
        "POST",
        f"{path}:batchUpdate",
        {"requests": [{"addSheet": {"properties": {"title": title}}}]},
    )
    body, raw = {"values": [["here"]]}, {"valueInputOption": "RAW"}
    ann.json("PUT", f"{path}/values/{quoted}", body, params=raw)
    ann.json("POST", f"{path}/values/{quoted}:append", body, params=raw)
    got = ann.json("GET", f"{path}/values/{quoted}")
    assert got["values"] == [["here"]]
    ann.json("POST", f"{path}/values/{quoted}:clear", {})
    assert "values" not in ann.json("GET", f"{path}/values/{quoted}")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 404),
        ("localhost:80", 404),
        ("sheets.googleapis.com", 404),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
    ],
)
def test_strange_host_names_are_refused(ann: Http, host: str, status: int) -> None:
    answer = ann.ask("GET", "/v4/spreadsheets/x", headers={"Host": host})
    assert answer.status_code == status


VERSION_STEPS: list[tuple[str, str, str, Any, int]] = [
    ("PUT", "v4/spreadsheets", "/values/A1?valueInputOption=RAW", {"values": [[1]]}, 1),
    ("POST", "v4/spreadsheets", "/values/A1:append?valueInputOption=RAW", {"values": [[1]]}, 1),
    ("POST", "v4/spreadsheets", "/values:batchUpdate", {"valueInputOption": "RAW", "data": [
        {"range": "A1", "values": [[1]]}, {"range": "B1", "values": [[2]]}]}, 1),
    ("POST", "v4/spreadsheets", "/values/A1:clear", {}, 1),
    ("POST", "v4/spreadsheets", ":batchUpdate", {"requests": [
        {"addSheet": {}}, {"addSheet": {}}]}, 1),
    ("GET", "v4/spreadsheets", "", None, 0),
    ("GET", "v4/spreadsheets", "/values/A1", None, 0),
    ("POST", "v4/spreadsheets", ":getByDataFilter", {}, 0),
    ("GET", "drive/v3/files", "", None, 0),
    ("PATCH", "drive/v3/files", "", {"name": "Renamed"}, 1),
    ("POST", "drive/v3/files", "/permissions", {
        "type": "user", "role": "reader", "emailAddress": "eve@example.com"}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("method", "api", "rest", "body", "grows"), VERSION_STEPS)
def test_version_grows_by_one_with_each_change_and_no_read(
    ann: Http, book: str, method: str, api: str, rest: str, body: Any, grows: int
) -> None:
    fields = {"fields": "version,modifiedTime,lastModifyingUser(emailAddress)"}
    before = ann.json("GET", f"/drive/v3/files/{book}", params=fields)
    ann.json(method, f"/{api}/{book}{rest}", body)
    after = ann.json("GET", f"/drive/v3/files/{book}", params=fields)
    assert int(after["version"]) - int(before["version"]) == grows
    assert after["modifiedTime"] >= before["modifiedTime"]
    assert after["lastModifyingUser"] == {"emailAddress": "ann@example.com"}


def test_refused_change_leaves_the_version(ann: Http, book: str) -> None:
    fields = {"fields": "version,modifiedTime"}
    before = ann.json("GET", f"/drive/v3/files/{book}", params=fields)
    bad = {"requests": [{"addSheet": {}}, {"deleteSheet": {"sheetId": 99}}]}
    assert ann.ask("POST", f"/v4/spreadsheets/{book}:batchUpdate", bad).status_code == 400
    assert ann.json("GET", f"/drive/v3/files/{book}", params=fields) == before


def test_messages_are_those_of_the_discovery_documents() -> None:
    from importlib.resources import files

    documents = files("googleapiclient") / "discovery_cache" / "documents"
    drive = json.loads((documents / "drive.v3.json").read_text())["schemas"]
    sheets = json.loads((documents / "sheets.v4.json").read_text())["schemas"]
    top_level = {name: fields for name, fields in drive_messages().items() if "." not in name}
    assert len(top_level) > 20
    for name, fields in top_level.items():
        assert set(fields) <= set(drive[name]["properties"]), name
    for name, fields in sheets_messages().items():
        assert set(fields) <= set(sheets[name].get("properties", {})), name


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["requests", "values", "range", "data", "fields", "properties", "name", "parents",
             "sheetId", "addSheet", "updateCells", "rows", "type", "role", "trashed", "title"]
        ),
        inner,
        max_size=3,
    ),
    max_leaves=10,
)  # fmt: skip
PATHS = [
    ("POST", "/v4/spreadsheets"),
    ("POST", "/v4/spreadsheets/{}:batchUpdate"),
    ("POST", "/v4/spreadsheets/{}:getByDataFilter"),
    ("PUT", "/v4/spreadsheets/{}/values/A1?valueInputOption=RAW"),
    ("POST", "/v4/spreadsheets/{}/values/A1:append?valueInputOption=USER_ENTERED"),
    ("POST", "/v4/spreadsheets/{}/values:batchUpdate"),
    ("POST", "/v4/spreadsheets/{}/values:batchClear"),
    ("POST", "/v4/spreadsheets/{}/values:batchGetByDataFilter"),
    ("POST", "/v4/spreadsheets/{}/developerMetadata:search"),
    ("POST", "/v4/spreadsheets/{}/sheets/0:copyTo"),
    ("POST", "/drive/v3/files"),
    ("PATCH", "/drive/v3/files/{}"),
    ("POST", "/drive/v3/files/{}/permissions"),
]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(PATHS), json_values)
def test_no_body_whatever_makes_the_server_fail(
    ann: Http, where: tuple[str, str], body: Any
) -> None:
    method, path = where
    if not hasattr(ann, "fuzzed"):
        ann.fuzzed = ann.create("Fuzz")  # type: ignore[attr-defined]
    answer = ann.ask(method, path.format(ann.fuzzed), data=json.dumps(body))  # type: ignore[attr-defined]
    assert answer.status_code < 500, (path, body, answer.text)
    assert answer.status_code in (200, 400, 403, 404), answer.text


def test_everything_is_counted(
    server: Any, ann: Http, book: str, person: Callable[..., Http]
) -> None:
    server.forget_requests()
    ann.ask("GET", f"/v4/spreadsheets/{book}/values/A1%3AB2?majorDimension=ROWS")
    ann.ask("GET", "/drive/v3/files/none")
    person("nobody@example.com").ask("GET", f"/v4/spreadsheets/{book}")
    assert [(seen.method, seen.path, seen.status) for seen in server.requests] == [
        ("GET", f"/v4/spreadsheets/{book}/values/A1%3AB2", 200),
        ("GET", "/drive/v3/files/none", 404),
        ("GET", f"/v4/spreadsheets/{book}", 403),
    ]
