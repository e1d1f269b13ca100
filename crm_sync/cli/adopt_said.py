"""What somebody says of columns and sheets when a spreadsheet is taken over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crm_sync.cli.usage import Usage
from crm_sync.core.headings import heading_key
from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.services.adopt import Asked


def said_beforehand(
    tables: Sequence[Table], mapped: Sequence[str], map_file: Path | None, tabs: Sequence[str]
) -> Asked:
    """The options --map, --map-file and --tab. `tables` are the company's, with the columns that it
    added. Raises Usage for what cannot be meant.
    """
    lines = _lines(map_file) if map_file else []
    columns = _pairs("--map", [*(line for line in lines if line.strip()), *mapped])
    fields = sorted({name for table in tables for name in table.by_name})
    for name in columns.values():
        if name and name not in fields:
            raise _unknown(N_("--map: there is no field {typed}."), name, fields)
    sheets = _pairs("--tab", tabs)
    names = [table.name for table in tables]
    for name in sheets.values():
        if name and name not in names:
            raise _unknown(N_("--tab: there is no table {typed}."), name, names)
    return Asked(columns, sheets)


def _lines(map_file: Path) -> list[str]:
    try:
        return map_file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise Usage(
            N_("{file} cannot be read as a text in UTF-8."),
            N_("Write one HEADING=FIELD on each line."),
            file=map_file,
        ) from exc


def _unknown(message: str, typed: str, known: Iterable[str]) -> Usage:
    return Usage(message, N_("There are: {names}."), typed=typed, names=", ".join(known))


def _pairs(option: str, texts: Sequence[str]) -> Mapping[str, str]:
    found = {}
    for text in texts:
        heading, sign, meant = text.rpartition("=")
        if not sign or not heading.strip():
            raise Usage(
                N_("{option}: “{typed}” has no = in it."),
                N_("Write it like {example}."),
                option=option,
                typed=text,
                example="Tel.=phone" if option == "--map" else "Base=clients",
            )
        found[heading_key(heading)] = meant.strip()
    return found
