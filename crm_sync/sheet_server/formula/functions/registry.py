"""How functions are declared: name, kinds of arguments, and the body that calculates.

A signature is one letter an argument: `n` number, `t` text, `b` boolean, `v` any single value,
`e` any single value, errors too, `r` a range or array as it is; a `?` after it makes it optional.
An error in an `n`, `t`, `b` or `v` argument is the result, before the body runs. In array mode a
range in any argument but `r` makes the function work cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_sync.sheet_server.formatting.error_value import ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.operators import broadcast
from crm_sync.sheet_server.formula.syntax import Call

if TYPE_CHECKING:
    from crm_sync.sheet_server.formula.compiler import Compiler

Shown = str | tuple[int, ...] | None
"""How the result is shown: a NumberFormat type, arguments to take the format from, or plainly."""

LOOKUP_COLUMN = "LOOKUP_COLUMN"
"""The format of the column that VLOOKUP answers from."""

Builder = Callable[["Compiler", Call], Evaluator]
Body = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language; `maximum` is None where arguments repeat without end."""

    name: str
    minimum: int
    maximum: int | None
    build: Builder
    shown: Shown = None
    is_volatile: bool = False

    def complaint(self, given: int) -> str | None:
        """Google's message when the number of arguments does not fit, else None."""
        if self.minimum <= given and (self.maximum is None or given <= self.maximum):
            return None
        if self.maximum is None:
            expected = f"at least {self.minimum} arguments"
        elif self.maximum == self.minimum:
            expected = f"{self.minimum} arguments"
        else:
            expected = f"between {self.minimum} and {self.maximum} arguments"
        return (
            f"Wrong number of arguments to {self.name}. "
            f"Expected {expected}, but got {given} arguments."
        )


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str, signature: str = "", *, repeat: int = 0, shown: Shown = None, volatile: bool = False
) -> Callable[[Body], Body]:
    """Declares a function; the body is called with the Env and one value an argument.

    The last `repeat` arguments of the signature may come any number of times.
    """
    codes = signature.split()
    minimum = sum(not code.endswith("?") for code in codes)
    kinds = [code[0] for code in codes]

    def declare(body: Body) -> Body:
        def build(compiler: Compiler, call: Call) -> Evaluator:
            given = _kinds_for(kinds, repeat, len(call.arguments))
            arguments = [
                compiler.compile_range(node) if kind == "r" else compiler.compile(node)
                for kind, node in zip(given, call.arguments, strict=True)
            ]
            return _evaluator(name, body, given, arguments, array=compiler.array)

        maximum = None if repeat else len(kinds)
        FUNCTIONS[name] = Function(name, minimum, maximum, build, shown, volatile)
        return body

    return declare


def special(
    name: str, minimum: int, maximum: int | None, *, shown: Shown = None
) -> Callable[[Builder], Builder]:
    """Declares a function that compiles its own arguments: one that leaves some uncalculated."""

    def declare(build: Builder) -> Builder:
        FUNCTIONS[name] = Function(name, minimum, maximum, build, shown)
        return build

    return declare


def _kinds_for(kinds: list[str], repeat: int, given: int) -> list[str]:
    found = list(kinds)
    while repeat and len(found) < given:
        found.extend(kinds[-repeat:])
    return found[:given]


def _evaluator(
    name: str, body: Body, kinds: list[str], arguments: list[Evaluator], *, array: bool
) -> Evaluator:
    pairs = list(zip(kinds, arguments, strict=True))
    if all(kind == "r" for kind in kinds):
        return lambda env: body(env, *[argument(env) for argument in arguments])

    def calculate(env: Env) -> Value:
        values = [argument(env) for argument in arguments]
        if array and any(
            kind != "r" and isinstance(value, Array)
            for kind, value in zip(kinds, values, strict=True)
        ):
            return _cell_by_cell(env, name, body, kinds, values)
        singles = [
            value if kind == "r" else env.single(value)
            for (kind, _), value in zip(pairs, values, strict=True)
        ]
        return _called(env, name, body, kinds, singles)

    return calculate


def _called(env: Env, name: str, body: Body, kinds: list[str], values: list[Any]) -> Value:
    converted: list[Any] = []
    for position, (kind, value) in enumerate(zip(kinds, values, strict=True), start=1):
        ready = _converted(env, name, kind, value, position)
        if ready.__class__ is ErrorValue and kind not in "re":
            return ready
        converted.append(ready)
    return body(env, *converted)


def _converted(env: Env, name: str, kind: str, value: Any, position: int) -> Any:
    if kind == "n":
        return env.number(value, name, position)
    if isinstance(value, ErrorValue):
        return value
    if kind == "t":
        return env.text(value)
    if kind == "b":
        return env.truth(value, name, position)
    return value


def _cell_by_cell(env: Env, name: str, body: Body, kinds: list[str], values: list[Value]) -> Value:
    lifted = [index for index, kind in enumerate(kinds) if kind != "r"]

    def one(env: Env, *cells: Scalar) -> Scalar:
        merged: list[Any] = list(values)
        for index, cell in zip(lifted, cells, strict=True):
            merged[index] = cell
        return env.single(_called(env, name, body, kinds, merged))

    return broadcast(env, one, [values[index] for index in lifted])
