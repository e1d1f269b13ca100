"""Typed text to value: see `parse_entry`."""

from crm_sync.sheet_server.entry.typed_text import Entry, number_format_after, parse_entry

__all__ = ["Entry", "number_format_after", "parse_entry"]
