"""The .xlsx that Drive exports, opened as the zip of XML that it is."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from crm_sync.sheet_server.xlsx_export import MEDIA_TYPE, excel_formula, excel_pattern
from tests.contract.sheet_server.local_client import Http

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Excel:
    """What an exported file holds."""

    def __init__(self, content: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(content))
        shared = self.xml("xl/sharedStrings.xml") if self.has("xl/sharedStrings.xml") else None
        items = [] if shared is None else shared.findall(f"{MAIN}si")
        self.strings = [
            "".join(text.text or "" for text in item.iter(f"{MAIN}t")) for item in items
        ]

    def has(self, name: str) -> bool:
        return name in self.zip.namelist()

    def xml(self, name: str) -> Any:
        return ET.fromstring(self.zip.read(name))

    def titles(self) -> list[str]:
        return [sheet.get("name") for sheet in self.xml("xl/workbook.xml").iter(f"{MAIN}sheet")]

    def cells(self, number: int = 1) -> dict[str, Any]:
        """Texts and numbers by cell; formulas as (formula, value)."""
        found: dict[str, Any] = {}
        for cell in self.xml(f"xl/worksheets/sheet{number}.xml").iter(f"{MAIN}c"):
            value, formula = cell.findtext(f"{MAIN}v"), cell.findtext(f"{MAIN}f")
            if value is None:
                continue
            shown: Any = self.strings[int(value)] if cell.get("t") == "s" else value
            if cell.get("t") is None:
                shown = float(value)
            found[cell.get("r")] = shown if formula is None else (formula, shown)
        return found


def export(http: Http, book: str) -> Excel:
    answer = http.ask("GET", f"/drive/v3/files/{book}/export", params={"mimeType": MEDIA_TYPE})
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE), answer.text
    return Excel(answer.content)


def update(http: Http, book: str, *requests: dict[str, Any]) -> Any:
    return http.json("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": [*requests]})


def write(http: Http, book: str, rows: list[list[Any]], option: str = "RAW") -> None:
    path = f"/v4/spreadsheets/{book}/values/A1?valueInputOption={option}"
    http.json("PUT", path, {"values": rows})


def test_text_stays_text_and_numbers_stay_numbers(ann: Http) -> None:
    book = ann.create("Types")
    write(ann, book, [["=1+1", "0042", 42, 1.5, True, "+7 916", "https://example.com", "a\nb"]])
    assert export(ann, book).cells() == {
        "A1": "=1+1",
        "B1": "0042",
        "C1": 42.0,
        "D1": 1.5,
        "E1": "1",
        "F1": "+7 916",
        "G1": "https://example.com",
        "H1": "a\nb",
    }


def test_formulas_keep_their_values_and_google_s_own_become_values(ann: Http) -> None:
    body = {"properties": {"title": "Ru", "locale": "ru_RU"}}
    russian = ann.json("POST", "/v4/spreadsheets", body)["spreadsheetId"]
    write(ann, russian, [["=SUM(1,5;2)", "=1/0", '=JOIN("-";"a";"b")', "=1-1"]], "USER_ENTERED")
    assert export(ann, russian).cells() == {
        "A1": ("SUM(1.5,2)", 3.5),
        "B1": ("1/0", "#DIV/0!"),
        "C1": "a-b",
        "D1": ("1-1", 0.0),
    }


@pytest.mark.parametrize(
    ("text", "locale", "excel"),
    [
        ("=A1+$B$2", "en_US", "=A1+$B$2"),
        ('=IF(A1>1.5, "x;y", 2)', "en_US", '=IF(A1>1.5, "x;y", 2)'),
        ("=ЕСЛИ(A1;1,5;2)", "ru_RU", "=ЕСЛИ(A1,1.5,2)"),
        ("='Лист 1'!A1", "ru_RU", "='Лист 1'!A1"),
        ("=IMPORTXML(A1, B1)", "en_US", None),
        ("=1+importrange(A1, B1)", "en_US", None),
        ("=(", "en_US", None),
    ],
)
def test_formula_is_written_with_excel_s_separators(
    text: str, locale: str, excel: str | None
) -> None:
    written = excel_formula(text, locale)
    assert (written and written.replace(" ", "")) == (excel and excel.replace(" ", ""))


def test_titles_are_cut_as_excel_counts(ann: Http) -> None:
    book = ann.create("Titles")
    titles = ["🌵" * 40, "🌵" * 41, "x" * 30 + "'y", "''", "[?]"]
    update(ann, book, *({"addSheet": {"properties": {"title": title}}} for title in titles))

    assert export(ann, book).titles() == [
        "Sheet1",
        "🌵" * 15,
        "🌵" * 13 + " (2)",
        "x" * 30,
        "Sheet",
        "___",
    ]


def test_sheets_notes_merges_widths_and_dropdowns_come_along(ann: Http) -> None:
    book = ann.create("Look")
    write(ann, book, [["Head", None], [45000]])
    update(
        ann,
        book,
        {"addSheet": {"properties": {"sheetId": 7, "title": "A/B: long " + "x" * 40}}},
        {
            "addSheet": {
                "properties": {"sheetId": 8, "title": "A_B: long " + "x" * 40, "hidden": True}
            }
        },
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}},
                "fields": "gridProperties.frozenRowCount",
            }
        },
        {"mergeCells": {"mergeType": "MERGE_ALL", "range": grid(0, 1, 0, 2)}},
        {
            "repeatCell": {
                "range": grid(1, 2, 0, 1),
                "cell": {
                    "note": "checked",
                    "userEnteredFormat": {
                        "numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"},
                        "textFormat": {"bold": True},
                        "backgroundColor": {"red": 1},
                    },
                },
                "fields": "note,userEnteredFormat",
            }
        },
        {
            "setDataValidation": {
                "range": grid(2, 3, 0, 1),
                "rule": {
                    "condition": {
                        "type": "ONE_OF_LIST",
                        "values": [{"userEnteredValue": "new"}, {"userEnteredValue": "won"}],
                    },
                    "strict": True,
                },
            }
        },
        {
            "updateDimensionProperties": {
                "range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1},
                "properties": {"pixelSize": 200},
                "fields": "pixelSize",
            }
        },
    )
    excel = export(ann, book)
    assert excel.titles() == [
        "Sheet1",
        "A_B_ long xxxxxxxxxxxxxxxxxxxxx",
        "A_B_ long xxxxxxxxxxxxxxxxx (2)",
    ]
    sheet = excel.zip.read("xl/worksheets/sheet1.xml").decode()
    styles = excel.zip.read("xl/styles.xml").decode()
    assert '<mergeCell ref="A1:B1"/>' in sheet
    assert 'state="frozen"' in sheet
    assert '<formula1>"new,won"</formula1>' in sheet
    assert 'formatCode="dd.mm.yyyy"' in styles
    assert "FFFF0000" in styles
    assert "checked" in excel.zip.read("xl/comments1.xml").decode()
    assert 'state="hidden"' in excel.zip.read("xl/workbook.xml").decode()
    assert excel.cells()["A2"] == 45000.0


@pytest.mark.parametrize(
    ("number_format", "locale", "pattern"),
    [
        ({"type": "DATE"}, "ru_RU", "dd.MM.yyyy"),
        ({"type": "DATE"}, "en_US", "M/d/yyyy"),
        ({"type": "DATE"}, "de_DE", "dd.MM.yyyy"),
        ({"type": "DATE_TIME"}, "ru_RU", "dd.MM.yyyy hh:mm:ss"),
        ({"type": "TIME"}, "en_US", "h:mm:ss AM/PM"),
        ({"type": "CURRENCY"}, "ru_RU", '#,##0.00 "₽"'),
        ({"type": "PERCENT"}, "ru_RU", "0.00%"),
        ({"type": "TEXT"}, "ru_RU", "@"),
        ({"type": "NUMBER", "pattern": "0.0"}, "ru_RU", "0.0"),
    ],
)
def test_number_format_without_a_pattern_is_that_of_the_locale(
    number_format: dict[str, str], locale: str, pattern: str
) -> None:
    assert excel_pattern(number_format, locale) == pattern


def test_dates_widths_wraps_and_filter_are_as_in_the_sheet(ann: Http) -> None:
    body = {"properties": {"title": "Ru", "locale": "ru_RU"}}
    book = ann.json("POST", "/v4/spreadsheets", body)["spreadsheetId"]
    write(ann, book, [["long text that goes on", 45000]])
    columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 3}
    cell = {"userEnteredFormat": {"numberFormat": {"type": "DATE"}, "wrapStrategy": "WRAP"}}
    update(
        ann,
        book,
        {"repeatCell": {"range": grid(0, 1, 0, 2), "cell": cell, "fields": "userEnteredFormat"}},
        {
            "updateDimensionProperties": {
                "range": columns,
                "properties": {"pixelSize": 40},
                "fields": "pixelSize",
            }
        },
        {"setBasicFilter": {"filter": {"range": grid(0, 5, 0, 2)}}},
    )
    excel = export(ann, book)
    page = excel.xml("xl/worksheets/sheet1.xml")
    widths = [(one.get("min"), one.get("max"), one.get("width")) for one in page.iter(f"{MAIN}col")]
    # 100 and 40 pixels, in characters of seven.
    assert widths == [
        ("1", "1", "14.28515625"),
        ("2", "3", "5.7109375"),
        ("4", "26", "14.28515625"),
    ]
    assert page.find(f"{MAIN}autoFilter").get("ref") == "A1:B5"
    styles = excel.zip.read("xl/styles.xml").decode()
    assert 'formatCode="dd.MM.yyyy"' in styles
    assert 'wrapText="1"' in styles
    assert '<name val="Arial"/>' in styles


def test_text_that_excel_cannot_hold_is_refused_and_not_cut(ann: Http) -> None:
    book = ann.create("Long")
    write(ann, book, [["x" * 32_767]])
    assert len(export(ann, book).cells()["A1"]) == 32_767
    write(ann, book, [["x" * 32_768]])
    answer = ann.ask("GET", f"/drive/v3/files/{book}/export", params={"mimeType": MEDIA_TYPE})
    assert answer.json()["error"]["errors"][0]["reason"] == "exportSizeLimitExceeded"


def grid(top: int, bottom: int, left: int, right: int) -> dict[str, int]:
    return {
        "sheetId": 0,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def test_lists_boxes_and_colours_by_condition_come_along(ann: Http) -> None:
    book = ann.create("Rules")
    update(
        ann,
        book,
        {"addSheet": {"properties": {"sheetId": 7, "title": "Lists: of all"}}},
        {
            "setDataValidation": {
                "range": grid(1, 4, 0, 1),
                "rule": rule("='Lists: of all'!$B$2:$B"),
            }
        },
        {"setDataValidation": {"range": grid(1, 4, 1, 2), "rule": rule()}},
        condition(grid(1, 9, 2, 3), "CUSTOM_FORMULA", '=($C2<>"")*($C2<TODAY())'),
        condition(grid(1, 9, 3, 4), "NUMBER_BETWEEN", "1.5", "2"),
        condition(grid(1, 9, 4, 5), "TEXT_CONTAINS", "late"),
        condition(grid(1, 9, 5, 6), "DATE_BEFORE", "today"),
    )
    write(ann, book, [["Who", "Done"], ["Ann", True], ["Bob", False]])
    excel = export(ann, book)

    page = excel.zip.read("xl/worksheets/sheet1.xml").decode()
    assert "<formula1>'Lists_ of all'!$B$2:$B$1000</formula1>" in page
    assert 'sqref="A2:A4"' in page
    assert '<formula>($C2&lt;&gt;"")*($C2&lt;TODAY())</formula>' in page
    assert "<formula>1.5</formula><formula>2</formula>" in page
    assert 'type="containsText"' in page
    assert page.count("<cfRule") == 3
    assert any("featurePropertyBag" in name for name in excel.zip.namelist())


def test_rows_are_as_high_as_their_texts(ann: Http) -> None:
    book = ann.create("High")
    wrap = {"userEnteredFormat": {"wrapStrategy": "WRAP"}}
    update(ann, book, {"repeatCell": {"range": grid(0, 3, 0, 1), "cell": wrap, "fields": "*"}})
    write(ann, book, [["short"], ["a text of many words " * 5], ["two\nlines"]])
    rows = export(ann, book).xml("xl/worksheets/sheet1.xml").iter(f"{MAIN}row")
    heights = [float(row.get("ht") or 0) for row in rows]
    assert heights[0] == 0
    assert heights[1] > 2 * heights[2] > 50


def rule(source: str = "") -> dict[str, Any]:
    """A list to choose from that stands elsewhere, or a box to tick."""
    values = [{"userEnteredValue": source}]
    kind = {"type": "ONE_OF_RANGE", "values": values} if source else {"type": "BOOLEAN"}
    return {"condition": kind, "showCustomUi": True}


def condition(area: dict[str, Any], kind: str, *values: str) -> dict[str, Any]:
    held = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    if values == ("today",):
        held["values"] = [{"relativeDate": "TODAY"}]
    colour = {"backgroundColor": {"red": 1}}
    rules = {"ranges": [area], "booleanRule": {"condition": held, "format": colour}}
    return {"addConditionalFormatRule": {"rule": rules, "index": 0}}


CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def source(sheet: int, column: int) -> dict[str, Any]:
    rows = {"startRowIndex": 0, "endRowIndex": 4}
    columns = {"startColumnIndex": column, "endColumnIndex": column + 1}
    return {"sourceRange": {"sources": [{"sheetId": sheet, **rows, **columns}]}}


@pytest.mark.parametrize(
    ("kind", "drawn"), [("LINE", "lineChart"), ("BAR", "barChart"), ("SCATTER", "scatterChart")]
)
def test_charts_come_along_with_their_cells_and_names(ann: Http, kind: str, drawn: str) -> None:
    book = ann.json("POST", "/v4/spreadsheets", {"properties": {"title": "B"}})["spreadsheetId"]
    write(ann, book, [["Month", "Now", "Before"], ["May", 1, 4], ["June", 2, 5], ["July", 3, 6]])
    basic = {
        "chartType": kind,
        "headerCount": 1,
        "legendPosition": "TOP_LEGEND",
        "axis": [{"position": "LEFT_AXIS", "title": "Roubles"}],
        "domains": [{"domain": source(0, 0)}],
        "series": [{"series": source(0, column)} for column in (1, 2)],
    }
    pie = {"domain": source(0, 0), "series": source(0, 1)}
    place = {"overlayPosition": {"anchorCell": {"rowIndex": 5, "columnIndex": 1}}}
    specs = ({"title": "Sales", "basicChart": basic}, {"title": "Shares", "pieChart": pie})
    empty = {"basicChart": {"chartType": kind, "headerCount": 9, "series": basic["series"]}}
    unknown = {"title": "Flows", "orgChart": {"labels": source(0, 0)}}
    add = [
        {"addChart": {"chart": {"spec": spec, "position": place}}}
        for spec in (*specs, empty, {"basicChart": {"chartType": kind}}, unknown)
    ]
    update(ann, book, *add)

    found = export(ann, book)
    chart = found.xml("xl/charts/chart1.xml")
    formulas = [each.text for each in chart.iter(f"{CHART}f")]
    assert chart.find(f".//{CHART}{drawn}") is not None
    assert formulas == [
        *("Sheet1!$B$1", "Sheet1!$A$2:$A$4", "Sheet1!$B$2:$B$4"),
        *("Sheet1!$C$1", "Sheet1!$A$2:$A$4", "Sheet1!$C$2:$C$4"),
    ]
    assert [text.text for text in chart.iter() if text.tag.endswith("}t")] == ["Sales", "Roubles"]
    assert found.xml("xl/charts/chart2.xml").find(f".//{CHART}pieChart") is not None
    assert not found.has("xl/charts/chart3.xml")
