"""Labels of columns: developer metadata that names the field, and moves along with its column.

https://developers.google.com/workspace/sheets/api/guides/metadata
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from crm_sync.core.batch import Batch, Label
from crm_sync.workbooks.cells import Json

_KEY: Final = "crm-sync.field"

SEARCH: Final[Json] = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": _KEY}}]}
"""The body of a developerMetadata:search for all labels of a workbook."""


def label_requests(batch: Batch) -> Iterator[Json]:
    """Requests that label the columns of new tabs, and those that lack a label."""
    made = (
        Label(new.sheet_id, index, column.field.name)
        for new in batch.new_tabs
        if new.tab is not None
        for index, column in enumerate(new.tab.columns)
    )
    for label in (*made, *batch.labels):
        span = {
            "sheetId": label.sheet_id,
            "dimension": "COLUMNS",
            "startIndex": label.column,
            "endIndex": label.column + 1,
        }
        metadata = {
            "metadataKey": _KEY,
            "metadataValue": label.field,
            "location": {"dimensionRange": span},
            "visibility": "DOCUMENT",
        }
        yield {"createDeveloperMetadata": {"developerMetadata": metadata}}


def labels_in(answer: Mapping[str, Any]) -> tuple[Label, ...]:
    """The labels that a search found, without those that stand twice in one sheet."""
    found = set(_labels(answer.get("matchedDeveloperMetadata", ())))
    times = Counter((label.sheet_id, label.field) for label in found)
    alone = (label for label in found if times[label.sheet_id, label.field] == 1)
    return tuple(sorted(alone, key=str))


def _labels(matched: Iterable[Mapping[str, Any]]) -> Iterator[Label]:
    for item in matched:
        metadata = item.get("developerMetadata", {})
        span = metadata.get("location", {}).get("dimensionRange", {})
        if span.get("dimension") == "COLUMNS" and metadata.get("metadataKey") == _KEY:
            field = str(metadata.get("metadataValue", ""))
            yield Label(int(span.get("sheetId", 0)), int(span.get("startIndex", 0)), field)
