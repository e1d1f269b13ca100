"""Which codec reads and writes which column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, assert_never

from crm_sync.core.codecs.addresses import EmailCodec
from crm_sync.core.codecs.amounts import DecimalCodec, IntegerCodec
from crm_sync.core.codecs.choices import BooleanCodec, ChoiceCodec
from crm_sync.core.codecs.codec import Codec, Conventions
from crm_sync.core.codecs.currencies import CurrencyCodec
from crm_sync.core.codecs.dates import DateCodec
from crm_sync.core.codecs.links import ReferenceCodec
from crm_sync.core.codecs.locales import currency_marks, decimal_sign, group_sign, locale_named
from crm_sync.core.codecs.phones import PhoneCodec
from crm_sync.core.codecs.texts import DigitsCodec, IdCodec, TextCodec
from crm_sync.core.schema import Column, Field, Kind

if TYPE_CHECKING:
    from crm_sync.core.references import ReferenceIndex


LONGEST_LINE: Final = 300
"""Texts of at most so many characters are names and the like, of one line."""


def codec_for(
    column: Column, conventions: Conventions, references: Mapping[str, ReferenceIndex]
) -> Codec:
    """The codec of this column, for a workbook whose people write by these conventions.

    `references` holds an index by table name, for statuses by "statuses:<entity>"; KeyError if a
    reference column's index is not among them. Make a codec once a column, not once a cell.
    """
    field, locale = column.field, conventions.locale
    match field.kind:
        case Kind.ID:
            return IdCodec()
        case Kind.TEXT:
            return _text_codec(field, locale)
        case Kind.DIGITS:
            # Check digits of a tax id are Russia's; other countries have rules of their own.
            inn = field.name == "tax_id" and conventions.region == "RU"
            return DigitsCodec(field.max_length, inn)
        case Kind.PHONE:
            word = "доб." if locale.startswith("ru") else "ext."
            return PhoneCodec(conventions.region, field.many, word)
        case Kind.EMAIL:
            return EmailCodec(field.many)
        case Kind.INTEGER | Kind.DECIMAL:
            return _number_codec(field, conventions)
        case Kind.DATE:
            return DateCodec(locale)
        case Kind.DATETIME:
            return DateCodec(locale, with_time=True)
        case Kind.BOOLEAN:
            return BooleanCodec()
        case Kind.CHOICE:
            return ChoiceCodec(field.choices, column.labels, field.many)
        case Kind.REFERENCE:
            return ReferenceCodec(field.refers_to or "", references[index_name(field)])
        case _:
            assert_never(field.kind)


def _text_codec(field: Field, locale: str) -> Codec:
    if field.name == "currency":
        return CurrencyCodec()
    short = field.max_length is not None and field.max_length <= LONGEST_LINE
    return TextCodec(field.max_length, decimal_sign(locale), one_line=short)


def index_name(field: Field) -> str:
    """The name of the index that a reference column needs: "clients", "statuses:reason"."""
    table = field.refers_to or ""
    return f"{table}:{field.entity}" if table == "statuses" else table


def _number_codec(field: Field, conventions: Conventions) -> IntegerCodec | DecimalCodec:
    decimal, group = decimal_sign(conventions.locale), group_sign(conventions.locale)
    is_known = locale_named(conventions.locale) is not None
    signs = field.minimum, field.maximum, decimal, group
    if field.kind is Kind.INTEGER:
        return IntegerCodec(*signs, knows_signs=is_known)
    marks = currency_marks(conventions.region)
    return DecimalCodec(*signs, marks, knows_signs=is_known, places=field.places)
