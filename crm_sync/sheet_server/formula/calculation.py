"""One formula, compiled and calculated: its value, format and link, and the cells it fills."""

from __future__ import annotations

from dataclasses import dataclass

from crm_sync.sheet_server.formatting.error_value import (
    ErrorType,
    ErrorValue,
    NumberFormat,
    Scalar,
    tidy_number,
)
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.compiler import PARSE_ERROR, Compiler, Names, Scope
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.number_formats import FormatReader, format_reader
from crm_sync.sheet_server.formula.references import Bounds
from crm_sync.sheet_server.formula.syntax import ArrayLiteral, Call, Formula, Node

_TOO_DEEP = ErrorValue(ErrorType.ERROR, "The formula is nested too deeply.")
_TOO_LARGE = ErrorValue(ErrorType.NUM, "Numeric value is greater than 1.79769e+308.")


@dataclass(frozen=True, slots=True)
class Calculated:
    """What a cell shows by calculation.

    `number_format` counts only where the cell has none of its own; `hyperlink` is HYPERLINK's.
    """

    value: Scalar
    number_format: NumberFormat | None = None
    hyperlink: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A formula's own cell, and the lines that it fills, its own cell first; () if it is alone."""

    anchor: Calculated
    lines: tuple[tuple[Calculated, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A formula ready to be calculated again and again, and the cells that it reads."""

    evaluator: Evaluator
    precedents: tuple[tuple[int, Bounds], ...]
    is_volatile: bool
    spreads: bool
    formats: FormatReader | None
    link: Evaluator | None


def compile_formula(formula: Formula, sheet_id: int, names: Names) -> Compiled:
    """The formula compiled for a cell of this sheet; titles and names are settled now."""
    if formula.tree is None:
        return _always(PARSE_ERROR)
    try:
        return _compiled(formula.tree, Scope(names, sheet_id))
    except RecursionError:
        return _always(_TOO_DEEP)


def _always(error: ErrorValue) -> Compiled:
    return Compiled(lambda env: error, (), False, False, None, None)


def _compiled(tree: Node, scope: Scope) -> Compiled:
    compiler = Compiler(scope)
    evaluator = compiler.compile(tree)
    formats = format_reader(tree, compiler)
    link = _link(tree, compiler)
    return Compiled(
        evaluator,
        tuple(dict.fromkeys(scope.precedents)),
        scope.is_volatile,
        _spreads(tree),
        formats,
        link,
    )


def _spreads(tree: Node) -> bool:
    """Whether a range as the result fills cells; elsewhere one cell of it is taken."""
    return isinstance(tree, ArrayLiteral) or (
        isinstance(tree, Call) and tree.name.upper() == "ARRAYFORMULA"
    )


def _link(tree: Node, compiler: Compiler) -> Evaluator | None:
    if isinstance(tree, Call) and tree.name.upper() == "HYPERLINK" and tree.arguments:
        return compiler.compile(tree.arguments[0])
    return None


def calculate(compiled: Compiled, env: Env) -> Result:
    """The formula's result at the place and time that the environment says."""
    try:
        value: Value = compiled.evaluator(env)
    except OverflowError:
        value = _TOO_LARGE
    except RecursionError:
        value = _TOO_DEEP
    if isinstance(value, Array) and value.area is not None and not compiled.spreads:
        value = env.single(value)
    if not isinstance(value, Array):
        return Result(_shown(compiled, env, value, 0))
    lines = tuple(
        tuple(_shown(compiled, env, cell, column) for column, cell in enumerate(line))
        for line in value.full_lines()
    )
    if not lines or not lines[0]:
        return Result(Calculated(None))
    is_alone = len(lines) == 1 and len(lines[0]) == 1
    return Result(lines[0][0], () if is_alone else lines)


def _shown(compiled: Compiled, env: Env, value: Scalar, column: int) -> Calculated:
    if isinstance(value, float) or value.__class__ is int:
        number = _finite(value)
        found = None if compiled.formats is None else compiled.formats(env, column)
        return Calculated(number, found)
    if compiled.link is None or isinstance(value, ErrorValue):
        return Calculated(value)
    return Calculated(value, None, env.text(env.single(compiled.link(env))))


def _finite(value: float) -> Scalar:
    if isinstance(value, int):
        # Python's integers have no end; a cell's numbers are doubles.
        return value if -(2**53) <= value <= 2**53 else float(value)
    if value != value or value in (float("inf"), float("-inf")):
        return _TOO_LARGE
    return tidy_number(value)
