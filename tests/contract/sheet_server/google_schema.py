"""Google's discovery documents as JSON Schema: what an answer may hold, and nothing else."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

_PLAIN = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


@cache
def document(name: str) -> dict[str, Any]:
    """The discovery document of an API, such as `sheets.v4`."""
    documents = files("googleapiclient.discovery_cache.documents")
    found: dict[str, Any] = json.loads(
        documents.joinpath(f"{name}.json").read_text(encoding="utf-8")
    )
    return found


@cache
def _validator(api: str, message: str) -> Draft202012Validator:
    messages = document(api)["schemas"]
    definitions = {name: _schema(described) for name, described in messages.items()}
    return Draft202012Validator({"$defs": definitions, "$ref": f"#/$defs/{message}"})


def misfits(answer: Any, message: str, api: str = "sheets.v4") -> list[str]:
    """Where an answer is not of this message: wrong types, unknown members, unknown names."""
    return [
        f"{error.json_path}: {error.message[:200]}"
        for error in _validator(api, message).iter_errors(answer)
    ]


def _schema(described: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in described:
        return {"$ref": f"#/$defs/{described['$ref']}"}
    kind = described.get("type")
    if kind == "array":
        return {"type": "array", "items": _schema(described["items"])}
    if kind == "object":
        return _object(described)
    if kind not in _PLAIN:
        return {}
    plain: dict[str, Any] = {"type": _PLAIN[kind]}
    if "enum" in described:
        plain["enum"] = described["enum"]
    if described.get("format") == "int64":
        plain["pattern"] = r"^-?\d{1,19}$"
    if described.get("format") == "int32":
        plain |= {"minimum": -(2**31), "maximum": 2**31 - 1}
    return plain


def _object(described: dict[str, Any]) -> dict[str, Any]:
    members = {name: _schema(one) for name, one in described.get("properties", {}).items()}
    others = described.get("additionalProperties")
    return {
        "type": "object",
        "properties": members,
        "additionalProperties": False if others is None else _schema(others),
    }
