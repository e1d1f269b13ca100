"""Conditions and choices. What is not chosen is not calculated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.coercion import compare
from crm_sync.sheet_server.formula.environment import Env, Evaluator
from crm_sync.sheet_server.formula.functions.registry import function, special
from crm_sync.sheet_server.formula.operators import broadcast
from crm_sync.sheet_server.formula.syntax import Call

if TYPE_CHECKING:
    from crm_sync.sheet_server.formula.compiler import Compiler


@function("TRUE", "")
def _true(env: Env) -> Scalar:
    return True


@function("FALSE", "")
def _false(env: Env) -> Scalar:
    return False


@special("IF", 2, 3, shown=(1, 2))
def _if(compiler: Compiler, call: Call) -> Evaluator:
    condition, *branches = [compiler.compile(node) for node in call.arguments]
    chosen, otherwise = branches[0], branches[1] if len(branches) > 1 else _no_branch

    def choose(env: Env) -> Value:
        tested = condition(env)
        if compiler.array and isinstance(tested, Array):
            return broadcast(env, _if_cell, [tested, chosen(env), otherwise(env)])
        truth = env.truth(env.single(tested), "IF", 1)
        if isinstance(truth, ErrorValue):
            return truth
        return chosen(env) if truth else otherwise(env)

    return choose


def _no_branch(env: Env) -> Value:
    return False


def _if_cell(env: Env, tested: Scalar, chosen: Scalar, otherwise: Scalar) -> Scalar:
    truth = env.truth(tested, "IF", 1)
    if isinstance(truth, ErrorValue):
        return truth
    return chosen if truth else otherwise


@special("IFS", 2, None, shown=(1, 3, 5))
def _ifs(compiler: Compiler, call: Call) -> Evaluator:
    arguments = [compiler.compile(node) for node in call.arguments]
    pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
    if len(arguments) % 2:
        odd = ErrorValue(ErrorType.N_A, "Wrong number of arguments to IFS. Expected pairs.")
        return lambda env: odd

    def choose(env: Env) -> Value:
        for index, (condition, result) in enumerate(pairs):
            truth = env.truth(env.single(condition(env)), "IFS", 2 * index + 1)
            if isinstance(truth, ErrorValue):
                return truth
            if truth:
                return result(env)
        return ErrorValue(ErrorType.N_A, "No match.")

    return choose


@special("IFERROR", 1, 2, shown=(0, 1))
def _iferror(compiler: Compiler, call: Call) -> Evaluator:
    return _instead(compiler, call, lambda value: isinstance(value, ErrorValue))


@special("IFNA", 1, 2, shown=(0, 1))
def _ifna(compiler: Compiler, call: Call) -> Evaluator:
    return _instead(
        compiler,
        call,
        lambda value: isinstance(value, ErrorValue) and value.type is ErrorType.N_A,
    )


def _instead(compiler: Compiler, call: Call, is_bad: Callable[[Scalar], bool]) -> Evaluator:
    tried = compiler.compile(call.arguments[0])
    fallback = compiler.compile(call.arguments[1]) if len(call.arguments) > 1 else _blank

    def choose(env: Env) -> Value:
        value = tried(env)
        if isinstance(value, Array):
            if not any(is_bad(cell) for cell in value.stored()):
                return value
            return broadcast(
                env,
                lambda _, cell, other: other if is_bad(cell) else cell,
                [value, fallback(env)],
            )
        return fallback(env) if is_bad(value) else value

    return choose


def _blank(env: Env) -> Value:
    return None


@special("SWITCH", 3, None, shown=(2, 4))
def _switch(compiler: Compiler, call: Call) -> Evaluator:
    tested, *rest = [compiler.compile(node) for node in call.arguments]
    cases = list(zip(rest[::2], rest[1::2], strict=False))
    default = rest[-1] if len(rest) % 2 else None

    def choose(env: Env) -> Value:
        value = env.single(tested(env))
        if isinstance(value, ErrorValue):
            return value
        for case, result in cases:
            candidate = env.single(case(env))
            if isinstance(candidate, ErrorValue):
                return candidate
            if compare(value, candidate) == 0:
                return result(env)
        if default is not None:
            return default(env)
        return ErrorValue(ErrorType.N_A, "No match for SWITCH.")

    return choose


@special("CHOOSE", 2, None, shown=(1, 2))
def _choose(compiler: Compiler, call: Call) -> Evaluator:
    index_of, *choices = [compiler.compile(node) for node in call.arguments]

    def choose(env: Env) -> Value:
        index = env.number(env.single(index_of(env)), "CHOOSE", 1)
        if isinstance(index, ErrorValue):
            return index
        if not 1 <= int(index) <= len(choices):
            return ErrorValue(
                ErrorType.NUM,
                f"Function CHOOSE parameter 1 value is {int(index)}. Valid values are between "
                f"1 and {len(choices)} inclusive.",
            )
        return choices[int(index) - 1](env)

    return choose


@function("AND", "r", repeat=1)
def _and(env: Env, *values: Value) -> Scalar:
    found = _truths(env, "AND", values)
    return found if isinstance(found, ErrorValue) else all(found)


@function("OR", "r", repeat=1)
def _or(env: Env, *values: Value) -> Scalar:
    found = _truths(env, "OR", values)
    return found if isinstance(found, ErrorValue) else any(found)


@function("XOR", "r", repeat=1)
def _xor(env: Env, *values: Value) -> Scalar:
    found = _truths(env, "XOR", values)
    return found if isinstance(found, ErrorValue) else sum(found) % 2 == 1


@function("NOT", "b")
def _not(env: Env, value: bool) -> Scalar:
    return not value


def _truths(env: Env, name: str, values: tuple[Value, ...]) -> list[bool] | ErrorValue:
    """The conditions among the arguments; texts and blanks of a range are dropped."""
    found: list[bool] = []
    for position, value in enumerate(values, start=1):
        cells = value.stored() if isinstance(value, Array) else iter([value])
        for cell in cells:
            if isinstance(value, Array) and (cell is None or isinstance(cell, str)):
                continue
            truth = env.truth(cell, name, position)
            if isinstance(truth, ErrorValue):
                return truth
            found.append(truth)
    return found
