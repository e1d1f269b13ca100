"""The methods of spreadsheets.values: reading, writing, appending and clearing plain values."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import TracebackType
from typing import Self

from crm_sync.sheet_server import schema
from crm_sync.sheet_server.a1 import Reference, parse_range, range_name
from crm_sync.sheet_server.api_error import ApiError, invalid, violations
from crm_sync.sheet_server.appending import append_rows
from crm_sync.sheet_server.batch import Batch
from crm_sync.sheet_server.grid import Area
from crm_sync.sheet_server.guard import Caller
from crm_sync.sheet_server.metadata import filtered_areas
from crm_sync.sheet_server.storage import Library
from crm_sync.sheet_server.values import Rendering, Writer, Written, clear_values, read_range
from crm_sync.sheet_server.workbook import Json, Workbook

NOBODY = Caller()
Places = Callable[[Workbook, Json], list[Reference]]


class Writing:
    """A draft being written to: one transaction, saved by `finish`."""

    def __init__(
        self, library: Library, file_id: str, option: str, caller: Caller, ids: random.Random
    ) -> None:
        self._library = library
        self._file_id = file_id
        self._option = option
        self._caller = caller
        self._ids = ids
        self._transaction = library.transaction()

    def __enter__(self) -> Self:
        self._transaction.__enter__()
        try:
            self.workbook = self._library.workbook(self._file_id).draft()
        except BaseException as error:
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise
        self.batch = Batch(self.workbook, self._caller, self._library.clock(), self._ids)
        self.writer = Writer(self.workbook, self._option, self.batch.today, self.batch.check_cells)
        return self

    def finish(self) -> None:
        """Calculates and saves."""
        self.batch.touch()
        self.batch.calculate()
        self._library.save(self.workbook)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transaction.__exit__(kind, error, trace)


class ValueMethods:
    """spreadsheets.values over a library, on behalf of a caller."""

    def __init__(self, library: Library, ids: random.Random, caller: Caller = NOBODY) -> None:
        self._library = library
        self._ids = ids
        self._caller = caller

    def values_get(self, file_id: str, range_: str, params: Json) -> Json:
        """One ValueRange."""
        workbook = self._library.workbook(file_id)
        return read_range(workbook, parse_range(workbook, range_).area(), rendering_of(params))

    def values_batch_get(self, file_id: str, params: Json) -> Json:
        """A ValueRange for each range, in the order asked."""
        workbook = self._library.workbook(file_id)
        rendering = rendering_of(params)
        areas = [parse_range(workbook, text).area() for text in params.get("ranges", [])]
        answer: Json = {"spreadsheetId": file_id}
        if areas:
            answer["valueRanges"] = [read_range(workbook, area, rendering) for area in areas]
        return answer

    def values_batch_get_by_data_filter(self, file_id: str, body: Json) -> Json:
        """A ValueRange for each area that a data filter selects, with the filters that did."""
        given = schema.read("BatchGetValuesByDataFilterRequest", body)
        workbook = self._library.workbook(file_id)
        found: dict[Area, list[Json]] = {}
        for data_filter in given.get("dataFilters", []):
            for area in filtered_areas(workbook, data_filter):
                found.setdefault(area, []).append(data_filter)
        rendering = rendering_of(given)
        answer: Json = {"spreadsheetId": file_id}
        if found:
            answer["valueRanges"] = [
                {"valueRange": read_range(workbook, area, rendering), "dataFilters": filters}
                for area, filters in found.items()
            ]
        return answer

    def values_update(
        self, file_id: str, range_: str, params: Json, body: Json
    ) -> tuple[Json, bool]:
        """Writes one block of values."""
        given = schema.read("ValueRange", body, "data")
        check_same_range(given, range_)
        with self._writing(file_id, input_option(params)) as writing:
            reference = parse_range(writing.workbook, range_)
            written = writing.writer.write(
                reference, given.get("values", []), given.get("majorDimension", "ROWS")
            )
            writing.finish()
            answer = update_answer(writing.workbook, written, params)
        return answer, True

    def values_batch_update(self, file_id: str, body: Json) -> tuple[Json, bool]:
        """Writes several blocks, all or none."""
        given = schema.read("BatchUpdateValuesRequest", body)
        blocks = given.get("data", [])

        def places(workbook: Workbook, block: Json) -> list[Reference]:
            return [parse_range(workbook, block.get("range", ""))]

        return self._write_blocks(file_id, given, blocks, places)

    def values_batch_update_by_data_filter(self, file_id: str, body: Json) -> tuple[Json, bool]:
        """Writes blocks to wherever their data filters lead, all or none."""
        given = schema.read("BatchUpdateValuesByDataFilterRequest", body)

        def places(workbook: Workbook, block: Json) -> list[Reference]:
            areas = filtered_areas(workbook, block.get("dataFilter", {}))
            return [area_reference(workbook, area) for area in areas]

        return self._write_blocks(file_id, given, given.get("data", []), places)

    def _write_blocks(
        self,
        file_id: str,
        given: Json,
        blocks: list[Json],
        places: Places,
    ) -> tuple[Json, bool]:
        responses: list[Json] = []
        done: list[Written] = []
        with self._writing(file_id, input_option(given)) as writing:
            for number, block in enumerate(blocks):
                try:
                    for reference in places(writing.workbook, block):
                        done.append(
                            writing.writer.write(
                                reference,
                                block.get("values", []),
                                block.get("majorDimension", "ROWS"),
                            )
                        )
                        origin = (
                            {"dataFilter": block["dataFilter"]} if "dataFilter" in block else {}
                        )
                        responses.append(origin)
                except ApiError as error:
                    message = f"Invalid data[{number}]: {error.message}"
                    raise ApiError(error.code, error.status, message, error.details) from None
            writing.finish()
            for response, written in zip(responses, done, strict=True):
                own = response.pop("dataFilter", None)
                response.update(update_answer(writing.workbook, written, given))
                if own is not None:
                    response.pop("spreadsheetId")
                    response["dataFilter"] = own
        return {**totals(file_id, done), **({"responses": responses} if done else {})}, True

    def values_append(
        self, file_id: str, range_: str, params: Json, body: Json
    ) -> tuple[Json, bool]:
        """Writes rows below the table found in the range."""
        given = schema.read("ValueRange", body, "data")
        with self._writing(file_id, input_option(params)) as writing:
            reference = parse_range(writing.workbook, range_)
            table, written = append_rows(
                writing.batch,
                writing.writer,
                reference,
                given,
                params.get("insertDataOption") or "",
            )
            writing.finish()
            answer: Json = {"spreadsheetId": file_id}
            if table is not None:
                answer["tableRange"] = range_name(reference.sheet.title, table)
            answer["updates"] = update_answer(writing.workbook, written, params)
        return answer, True

    def values_clear(
        self, file_id: str, range_: str, body: Json | None = None
    ) -> tuple[Json, bool]:
        """Empties a range; formats, notes and validation stay."""
        schema.read("ClearValuesRequest", body or {})
        cleared = self._clear(file_id, lambda workbook: [parse_range(workbook, range_).area()])
        return {"spreadsheetId": file_id, "clearedRange": cleared[0]}, True

    def values_batch_clear(self, file_id: str, body: Json) -> tuple[Json, bool]:
        """Empties several ranges."""
        given = schema.read("BatchClearValuesRequest", body)

        def areas(workbook: Workbook) -> list[Area]:
            return [parse_range(workbook, text).area() for text in given.get("ranges", [])]

        cleared = self._clear(file_id, areas)
        return _without_empty({"spreadsheetId": file_id, "clearedRanges": cleared}), True

    def values_batch_clear_by_data_filter(self, file_id: str, body: Json) -> tuple[Json, bool]:
        """Empties what data filters select."""
        given = schema.read("BatchClearValuesByDataFilterRequest", body)

        def areas(workbook: Workbook) -> list[Area]:
            found = [filtered_areas(workbook, one) for one in given.get("dataFilters", [])]
            return [area for part in found for area in part]

        cleared = self._clear(file_id, areas)
        return _without_empty({"spreadsheetId": file_id, "clearedRanges": cleared}), True

    def _clear(self, file_id: str, areas: Callable[[Workbook], list[Area]]) -> list[str]:
        with self._writing(file_id, "RAW") as writing:
            names = []
            for area in areas(writing.workbook):
                sheet = writing.workbook.sheet(area.sheet_id)
                assert sheet is not None
                writing.batch.check_cells(area)
                clear_values(sheet, area)
                names.append(range_name(sheet.title, area))
            writing.finish()
        return names

    def _writing(self, file_id: str, option: str) -> Writing:
        return Writing(self._library, file_id, option, self._caller, self._ids)


def rendering_of(params: Json) -> Rendering:
    """How the caller wants values shown."""
    return Rendering(
        _choice(params, "valueRenderOption", "FORMATTED_VALUE UNFORMATTED_VALUE FORMULA"),
        _choice(params, "dateTimeRenderOption", "SERIAL_NUMBER FORMATTED_STRING"),
        _choice(params, "majorDimension", "ROWS COLUMNS"),
    )


def _choice(params: Json, name: str, allowed: str) -> str:
    """The value of an enum parameter; empty for none or `..._UNSPECIFIED`."""
    value = params.get(name) or ""
    if value.endswith("_UNSPECIFIED"):
        return ""
    if value and value not in allowed.split():
        type_name = "Dimension" if name == "majorDimension" else name[0].upper() + name[1:]
        type_name = type_name.removeprefix("Response")
        field = schema.snake(name)
        given = f'type.googleapis.com/google.apps.sheets.v4.{type_name}), "{value}"'
        raise violations([(field, f"Invalid value at '{field}' ({given}")])
    return str(value)


def input_option(params: Json) -> str:
    """RAW or USER_ENTERED. ApiError 400 when it is left out."""
    option = _choice(params, "valueInputOption", "RAW USER_ENTERED INPUT_VALUE_OPTION_UNSPECIFIED")
    if not option:
        raise invalid("'valueInputOption' is required but not specified")
    return option


def check_same_range(given: Json, range_: str) -> None:
    """ApiError 400 when the body names another range than the address."""
    if given.get("range") and given["range"] != range_:
        raise invalid(
            f"Requested writing within range [{range_}], "
            f"but the body names range [{given['range']}]"
        )


def update_answer(workbook: Workbook, written: Written, params: Json) -> Json:
    """The UpdateValuesResponse of one write; zero counts are left out."""
    sheet = workbook.sheet(written.area.sheet_id)
    assert sheet is not None
    answer: Json = {
        "spreadsheetId": workbook.id,
        "updatedRange": range_name(sheet.title, written.area),
    }
    counts = {
        "updatedRows": len(written.rows),
        "updatedColumns": len(written.columns),
        "updatedCells": written.cells,
    }
    answer.update((name, count) for name, count in counts.items() if count)
    if params.get("includeValuesInResponse"):
        rendering = Rendering(
            _choice(
                params, "responseValueRenderOption", "FORMATTED_VALUE UNFORMATTED_VALUE FORMULA"
            ),
            _choice(params, "responseDateTimeRenderOption", "SERIAL_NUMBER FORMATTED_STRING"),
        )
        answer["updatedData"] = read_range(workbook, written.area, rendering)
    return answer


def totals(file_id: str, done: list[Written]) -> Json:
    """The counts of several writes: distinct rows, columns and sheets, and all cells."""
    counts = {
        "totalUpdatedRows": len({(part.area.sheet_id, row) for part in done for row in part.rows}),
        "totalUpdatedColumns": len(
            {(part.area.sheet_id, column) for part in done for column in part.columns}
        ),
        "totalUpdatedCells": sum(part.cells for part in done),
        "totalUpdatedSheets": len({part.area.sheet_id for part in done}),
    }
    return {"spreadsheetId": file_id, **{name: count for name, count in counts.items() if count}}


def _without_empty(answer: Json) -> Json:
    return {name: item for name, item in answer.items() if item != []}


def area_reference(workbook: Workbook, area: Area) -> Reference:
    """The area as a reference with explicit ends."""
    sheet = workbook.sheet(area.sheet_id)
    assert sheet is not None
    return Reference(sheet, (area.top, area.bottom, area.left, area.right))
