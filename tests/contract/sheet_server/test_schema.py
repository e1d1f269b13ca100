"""The schema of the Sheets API: it is Google's, and bodies are read as proto3 JSON is read."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.api_error import ApiError

HELD = Path(schema.__file__).with_name("schema.json")


def written(field: dict[str, Any]) -> str:
    """The type of a field of the discovery document, as schema.json writes it."""
    if "$ref" in field:
        return str(field["$ref"])
    kind = field.get("type")
    if kind == "array":
        return "[" + written(field["items"])
    if kind == "object" and "additionalProperties" in field:
        return "{" + written(field["additionalProperties"])
    if kind == "string" and "enum" in field:
        return "enum:" + "|".join(field["enum"])
    plain = {"string": "string", "integer": "int32", "number": "double", "boolean": "bool"}
    named = {"google-fieldmask": "mask", "google-datetime": "string"}
    form = named.get(field.get("format", ""), field.get("format"))
    return plain.get(str(kind), "any") if form is None else str(form)


def test_the_schema_is_that_of_the_discovery_document() -> None:
    pytest.importorskip("googleapiclient")
    documents = files("googleapiclient.discovery_cache.documents")
    document = json.loads(documents.joinpath("sheets.v4.json").read_text(encoding="utf-8"))
    messages = {
        name: {field: written(held) for field, held in message.get("properties", {}).items()}
        for name, message in document["schemas"].items()
    }
    assert json.loads(HELD.read_text(encoding="utf-8"))["messages"] == messages


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"sheetId": 0, "startRowIndex": 0}, {"startRowIndex": 0}),
        ({"sheet_id": "5", "end_row_index": 2.0}, {"sheetId": 5, "endRowIndex": 2}),
        ({"sheetId": None}, {}),
    ],
)
def test_a_range_is_read_with_defaults_left_out(given: Any, read: Any) -> None:
    assert schema.read("GridRange", given) == read


def test_colours_are_of_single_precision_and_zero_is_left_out() -> None:
    given = {"red": 0.4980392156862745, "green": 0, "blue": 1.0}
    assert schema.read("Color", given) == {"red": 0.49803922, "blue": 1}


def test_presence_is_kept_where_google_keeps_it() -> None:
    given = {"bold": False, "fontSize": 0, "fontFamily": ""}
    assert schema.read("TextFormat", given) == {"bold": False, "fontSize": 0}


def test_every_misfit_is_told_with_its_path() -> None:
    body = {
        "requests": [
            {"updateCells": {"range": {"sheetId": "abc"}, "foo": 1}},
            {"copyPaste": {"pasteType": "X"}},
        ],
        "includeSpreadsheetInResponse": "yes",
    }
    with pytest.raises(ApiError) as caught:
        schema.read("BatchUpdateSpreadsheetRequest", body)
    cell, paste = "requests[0].update_cells", "requests[1].copy_paste.paste_type"
    unknown = f"Unknown name \"foo\" at '{cell}': Cannot find field."
    paste_type = "type.googleapis.com/google.apps.sheets.v4.PasteType"
    flag = "include_spreadsheet_in_response"
    problems = [
        (
            f"{cell}.range.sheet_id",
            f"Invalid value at '{cell}.range.sheet_id' (TYPE_INT32), \"abc\"",
        ),
        (cell, f"Invalid JSON payload received. {unknown}"),
        (paste, f"Invalid value at '{paste}' ({paste_type}), \"X\""),
        (flag, f"Invalid value at '{flag}' (TYPE_BOOL), \"yes\""),
    ]
    assert caught.value.message == "\n".join(text for _, text in problems)
    assert caught.value.details == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": field, "description": text} for field, text in problems],
        }
    ]


def test_a_list_in_a_list_goes_on_with_the_same_field() -> None:
    nested = {"requests": [[{"addSheet": {}}, [{"deleteSheet": {"sheetId": 1}}]], {"addSheet": {}}]}
    assert schema.read("BatchUpdateSpreadsheetRequest", nested) == {
        "requests": [{"addSheet": {}}, {"deleteSheet": {"sheetId": 1}}, {"addSheet": {}}]
    }


@pytest.mark.parametrize("number", [1e300, -3.5e38])
def test_a_number_beyond_single_precision_is_refused(number: float) -> None:
    with pytest.raises(ApiError, match=r"Invalid value at 'blue' \(TYPE_FLOAT\)"):
        schema.read("Color", {"blue": number})


def test_a_large_colour_stays_a_number_that_can_be_printed() -> None:
    assert schema.read("Color", {"blue": 10**30, "red": 2**40}) == {"blue": 1e30, "red": 2**40}
    assert isinstance(schema.read("Color", {"blue": 10**30})["blue"], float)
