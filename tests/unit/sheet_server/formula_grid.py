"""A small workbook for tests of formulas: cells given by their A1 names."""

from datetime import datetime

from crm_sync.sheet_server.formatting import NumberFormat
from crm_sync.sheet_server.formula import Calculator
from crm_sync.sheet_server.formula.calculated_cells import WorkbookCells, calculated_of
from crm_sync.sheet_server.formula.calculation import Calculated, Result, calculate, compile_formula
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.references import parse_reference
from crm_sync.sheet_server.formula.syntax import parse
from crm_sync.sheet_server.grid import Cell, Marks
from crm_sync.sheet_server.workbook import Workbook, new_sheet

NOW = datetime(2026, 11, 23, 12, 0)


def new_workbook(locale="en_US", titles=("Sheet1",), rows=100, columns=12, time_zone="Etc/GMT"):
    workbook = Workbook("id", {"locale": locale, "timeZone": time_zone})
    workbook.sheets = [
        new_sheet(
            number,
            {"title": title, "gridProperties": {"rowCount": rows, "columnCount": columns}},
        )
        for number, title in enumerate(titles)
    ]
    return workbook


def place(name: str) -> tuple[int, int]:
    reference = parse_reference(name)
    assert reference is not None
    return reference.first.row, reference.first.column


def put(workbook, name, value, *, sheet=0, number_format: NumberFormat | None = None):
    """Types a formula (with `=`) or puts a value; None empties the cell."""
    row, column = place(name)
    marks = None if number_format is None else Marks({"numberFormat": dict(number_format)})
    if value is None:
        workbook.sheets[sheet].put(row, column, None)
    elif isinstance(value, str) and value.startswith("="):
        workbook.sheets[sheet].put(row, column, Cell(None, value, marks))
    else:
        workbook.sheets[sheet].put(row, column, Cell(value, None, marks))


def value_of(workbook, name, sheet=0):
    row, column = place(name)
    cell = workbook.sheets[sheet].cell(row, column)
    return None if cell is None else cell.value


def calculated(workbook, name, sheet=0) -> Calculated:
    row, column = place(name)
    return calculated_of(workbook.sheets[sheet].cell(row, column))


def values(workbook, sheet=0):
    """All values that are there, by A1 name."""
    from crm_sync.sheet_server.formula.references import column_name

    grid = workbook.sheets[sheet]
    return {
        f"{column_name(column)}{row + 1}": cell.value
        for row, column, cell in grid.cells(grid.area)
        if cell.value is not None
    }


def book(cells: dict, locale="en_US"):
    """A calculated workbook of one sheet with these cells, and its calculator."""
    workbook = new_workbook(locale)
    draft = workbook.draft()
    for name, value in cells.items():
        put(draft, name, value)
    calculator = Calculator()
    calculator.bring_up_to_date(draft, NOW)
    return draft, calculator


def result(formula: str, workbook=None, locale="en_US", at="L100") -> Result:
    """What one formula gives in a cell of the workbook's first sheet."""
    cells = WorkbookCells(workbook if workbook is not None else new_workbook(locale))
    env = Env(cells, locale, NOW)
    env.row, env.column = place(at)
    return calculate(compile_formula(parse(formula, locale), 0, cells), env)


def evaluate(formula: str, workbook=None, locale="en_US", at="L100"):
    """The value of one formula; a rectangle as a list of rows."""
    found = result(formula, workbook, locale, at)
    if found.lines:
        return [[cell.value for cell in line] for line in found.lines]
    return found.anchor.value
