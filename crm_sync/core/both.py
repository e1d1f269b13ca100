"""Both sides of a conflict as one value, where such a value can be."""

from __future__ import annotations

from crm_sync.core.findings import Clash, Conflict
from crm_sync.core.prose import merge_prose
from crm_sync.core.schema import Field, Kind

LIST = "; "


def both(field: Field, conflict: Conflict) -> str | None:
    """What holds all that either side holds: a list with the items of both, a text with both texts.
    None where there is no such value: two dates, two sums, a row that is gone.
    """
    if conflict.clash is not Clash.EDIT_EDIT:
        return None
    base, ours, theirs = (
        str(each or "") for each in (conflict.base, conflict.ours, conflict.theirs)
    )
    if field.many:
        items = [item for text in (theirs, ours) for item in text.split(LIST) if item]
        return LIST.join(dict.fromkeys(items))
    if field.kind is not Kind.TEXT:
        return None
    merged = merge_prose(base, ours, theirs)
    if merged is None:
        merged = _after_one_another(theirs, ours, "\n" if field.prose else LIST)
    fits = field.max_length is None or len(merged) <= field.max_length
    return merged if fits else None


def _after_one_another(first: str, second: str, between: str) -> str:
    if second in first:
        return first
    return second if first in second else f"{first}{between}{second}"
