"""What kind of value it is."""

from __future__ import annotations

import re

from crm_sync.sheet_server.formatting.error_value import ErrorType, ErrorValue, Scalar
from crm_sync.sheet_server.formula.arrays import Array, Value
from crm_sync.sheet_server.formula.environment import Env
from crm_sync.sheet_server.formula.functions.registry import function

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_URL = re.compile(r"(?:https?://|www\.)\S+\.\S+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:/\S*)?")


def _is_number(value: Scalar) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@function("ISBLANK", "e")
def _isblank(env: Env, value: Scalar) -> Scalar:
    return value is None


@function("ISNUMBER", "e")
def _isnumber(env: Env, value: Scalar) -> Scalar:
    return _is_number(value)


@function("ISTEXT", "e")
def _istext(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, str)


@function("ISNONTEXT", "e")
def _isnontext(env: Env, value: Scalar) -> Scalar:
    return not isinstance(value, str)


@function("ISLOGICAL", "e")
def _islogical(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, bool)


@function("ISERROR", "e")
def _iserror(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, ErrorValue)


@function("ISERR", "e")
def _iserr(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, ErrorValue) and value.type is not ErrorType.N_A


@function("ISNA", "e")
def _isna(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, ErrorValue) and value.type is ErrorType.N_A


@function("ISEVEN", "n")
def _iseven(env: Env, value: float) -> Scalar:
    return int(value) % 2 == 0


@function("ISODD", "n")
def _isodd(env: Env, value: float) -> Scalar:
    return int(value) % 2 == 1


@function("ISEMAIL", "v")
def _isemail(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, str) and _EMAIL.fullmatch(value) is not None


@function("ISURL", "v")
def _isurl(env: Env, value: Scalar) -> Scalar:
    return isinstance(value, str) and _URL.fullmatch(value) is not None


@function("NA", "")
def _na(env: Env) -> Scalar:
    # Google gives this error no message.
    return ErrorValue(ErrorType.N_A)


@function("N", "e")
def _n(env: Env, value: Scalar) -> Scalar:
    if isinstance(value, bool):
        return int(value)
    return value if _is_number(value) or isinstance(value, ErrorValue) else 0


@function("T", "e")
def _t(env: Env, value: Scalar) -> Scalar:
    return value if isinstance(value, (str, ErrorValue)) else ""


@function("TYPE", "r")
def _type(env: Env, value: Value) -> Scalar:
    if isinstance(value, Array) and (value.height > 1 or value.width > 1):
        return 64
    single = env.single(value)
    if isinstance(single, bool):
        return 4
    if isinstance(single, str):
        return 2
    return 16 if isinstance(single, ErrorValue) else 1
