"""What people call their columns: `synonyms.toml`, for all languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import RootModel

from crm_sync.core.schema import Table
from crm_sync.core.values import N_
from crm_sync.messages import Phrase
from crm_sync.messages.faults import check, nearest
from crm_sync.messages.toml_file import parse
from crm_sync.templates.folder import SYNONYMS_FILE, Reader, Words


class SynonymsFile(RootModel[dict[str, dict[str, tuple[Words, ...]]]]):
    """`synonyms.toml`: words by table and field."""


def load_synonyms(
    tables: Sequence[Table], folder: Path | None = None
) -> dict[str, Mapping[str, Sequence[str]]]:
    """The words by table and field. Raises ConfigError with all faults."""
    reader = Reader(folder)
    document = parse((reader.folder / SYNONYMS_FILE).read_bytes())
    content = document if isinstance(document, Phrase) else check(SynonymsFile, document)
    if isinstance(content, SynonymsFile):
        by_name = {table.name: table for table in tables}
        for table, words in content.root.items():
            known = {"id", *(by_name[table].by_name if table in by_name else ())}
            for name in words:
                if table in by_name and name not in known:
                    template = N_("{table} has no field {field}. Did you mean {meant}?")
                    facts = {"table": table, "field": name, "meant": nearest(name, known) or "id"}
                    reader.fault(SYNONYMS_FILE, Phrase(template, facts))
        reader.finish()
        return dict(content.root)
    for fault in content if isinstance(content, tuple) else (content,):
        reader.fault(SYNONYMS_FILE, fault)
    reader.finish()
    return {}
