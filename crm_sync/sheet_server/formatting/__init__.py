"""Value to shown text: see `format_value`; and what a locale decides: `sheet_locale`."""

from crm_sync.sheet_server.formatting.error_value import (
    ErrorType,
    ErrorValue,
    NumberFormat,
    Scalar,
    tidy_number,
)
from crm_sync.sheet_server.formatting.locales import SheetLocale, sheet_locale
from crm_sync.sheet_server.formatting.moment_pattern import SERIAL_EPOCH
from crm_sync.sheet_server.formatting.show import (
    MOMENT_TYPES,
    default_pattern,
    format_value,
    number_text,
)

__all__ = [
    "MOMENT_TYPES",
    "SERIAL_EPOCH",
    "ErrorType",
    "ErrorValue",
    "NumberFormat",
    "Scalar",
    "SheetLocale",
    "default_pattern",
    "format_value",
    "number_text",
    "sheet_locale",
    "tidy_number",
]
