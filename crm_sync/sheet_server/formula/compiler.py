"""Trees to evaluators: what can be settled once (sheets, names, functions) is settled here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula import functions, operators
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.references import Bounds
from crm_sync.sheet_server.formula.syntax import (
    ArrayLiteral,
    Binary,
    Call,
    ErrorLiteral,
    Literal,
    NameNode,
    Node,
    ReferenceNode,
    Unary,
)

PARSE_ERROR = ErrorValue(ErrorType.ERROR, "Formula parse error.")
_RAGGED = ErrorValue(
    ErrorType.VALUE,
    "In ARRAY_LITERAL, an Array Literal was missing values for one or more rows.",
)


class Names(Protocol):
    """What titles and names in formulas stand for."""

    def sheet_id(self, title: str) -> int | None:
        """The sheet with this title, letter case aside; None if there is none."""

    def named_range(self, name: str) -> tuple[int, Bounds] | None:
        """Sheet and cells of a named range, letter case aside; None if there is none."""


@dataclass(slots=True)
class Scope:
    """Where a formula stands, and what compiling it found: what it reads, if it is volatile."""

    names: Names
    sheet_id: int
    is_volatile: bool = False
    precedents: list[tuple[int, Bounds]] = field(default_factory=list)


class Compiler:
    """Compiles one formula; with `array` on, operators and functions work cell by cell."""

    def __init__(self, scope: Scope, *, array: bool = False) -> None:
        self.scope = scope
        self.array = array

    def in_array_mode(self) -> Compiler:
        """A compiler for the inside of ARRAYFORMULA and its like."""
        return self if self.array else Compiler(self.scope, array=True)

    def compile(self, node: Node) -> Evaluator:
        """The evaluator of a tree. It never raises for what a workbook may hold."""
        match node:
            case Literal():
                return _constant(node.value)
            case ErrorLiteral():
                return _constant(ErrorValue(node.type, _message(node.type)))
            case ReferenceNode():
                return self._reference(node)
            case NameNode():
                return self._name(node)
            case Unary():
                return operators.unary(node.operator, self.compile(node.operand), array=self.array)
            case Binary():
                left, right = self.compile(node.left), self.compile(node.right)
                return operators.binary(node.operator, left, right, array=self.array)
            case ArrayLiteral():
                return self._array_literal(node)
            case Call():
                return self._call(node)

    def compile_range(self, node: Node) -> Evaluator:
        """The evaluator of an argument that takes ranges: one cell is a range of one cell there.

        So `SUM(A1)` drops a text in A1, which `SUM("text")` must not.
        """
        target = self.target(node)
        if target is None:
            return self.compile(node)
        self.scope.precedents.append(target)
        sheet_id, bounds = target
        return lambda env: env.read(sheet_id, bounds)

    def target(self, node: Node) -> tuple[int, Bounds] | None:
        """Sheet and cells that a node refers to, not read yet; None if it is no reference."""
        if isinstance(node, ReferenceNode):
            sheet = self._sheet(node.reference.sheet)
            return None if sheet is None else (sheet, node.reference.bounds)
        if isinstance(node, NameNode):
            return self.scope.names.named_range(node.name)
        return None

    def _sheet(self, title: str | None) -> int | None:
        return self.scope.sheet_id if title is None else self.scope.names.sheet_id(title)

    def _reference(self, node: ReferenceNode) -> Evaluator:
        target = self.target(node)
        if target is None:
            return _constant(
                ErrorValue(ErrorType.REF, f"Unresolved sheet name '{node.reference.sheet}'.")
            )
        return self._read(target)

    def _read(self, target: tuple[int, Bounds]) -> Evaluator:
        sheet_id, bounds = target
        self.scope.precedents.append(target)
        if bounds.top == bounds.bottom and bounds.left == bounds.right:
            row, column = bounds.top, bounds.left
            return lambda env: env.read_cell(sheet_id, row, column)
        return lambda env: env.read(sheet_id, bounds)

    def _name(self, node: NameNode) -> Evaluator:
        target = self.scope.names.named_range(node.name)
        if target is None:
            return _constant(ErrorValue(ErrorType.NAME, f"Unknown range name: '{node.name}'."))
        return self._read(target)

    def _array_literal(self, node: ArrayLiteral) -> Evaluator:
        rows = [[self.compile(cell) for cell in row] for row in node.rows]

        def build(env: Env) -> Value:
            lines: list[list[Scalar]] = []
            for row in rows:
                block = _side_by_side([cell(env) for cell in row])
                if block is None or (lines and len(block[0]) != len(lines[0])):
                    return _RAGGED
                lines.extend(block)
            return Array(lines)

        return build

    def _call(self, node: Call) -> Evaluator:
        name = node.name.upper()
        function = functions.find(name)
        if function is None:
            message = f"Unknown function: '{node.name}'."
            return _constant(ErrorValue(ErrorType.NAME, message))
        complaint = function.complaint(len(node.arguments))
        if complaint is not None:
            return _constant(ErrorValue(ErrorType.N_A, complaint))
        if function.is_volatile:
            self.scope.is_volatile = True
        return function.build(self, node)


def _constant(value: Scalar) -> Evaluator:
    return lambda env: value


def _message(kind: ErrorType) -> str:
    return "Reference does not exist." if kind is ErrorType.REF else ""


def _side_by_side(values: list[Value]) -> list[list[Scalar]] | None:
    """The lines of values set next to each other; None when their heights differ."""
    blocks = [value.full_lines() if isinstance(value, Array) else [[value]] for value in values]
    if len({len(block) for block in blocks}) != 1:
        return None
    return [[cell for block in blocks for cell in block[row]] for row in range(len(blocks[0]))]
