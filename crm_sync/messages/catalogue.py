"""Messages in one language, and dates and numbers as its readers write them.

A template's English text is its key (gettext). Other languages stand in
`locale/<language>/LC_MESSAGES/crm_sync.po`; a language without that file speaks English.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Final

from crm_sync.messages.phrase import Phrase, Phrases, fill
from crm_sync.resources import resource

_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_DATE_PATTERNS: Final = {"ru": "dd.MM.yyyy", "en": "yyyy-MM-dd"}


class Messages:
    """Says things in one language ("en", "ru"). Nothing is read before something is said.

    `folder` holds the catalogues, by default those that come with the program.
    """

    def __init__(self, language: str, folder: Path | None = None) -> None:
        self.language = language
        self._folder = folder

    def text(self, template: str, /, **facts: object) -> str:
        """The template in this language, filled. Facts that are phrases are translated too; a
        missing fact shows as `{name}`; nothing is ever raised for a poor template.
        """
        return fill(self._translations.gettext(template) if template else "", self._said(facts))

    def plural(self, one: str, many: str, n: int, /, **facts: object) -> str:
        """The form that fits `n`; `{n}` in it is the number as this language writes it."""
        template = self._translations.ngettext(one, many, n)
        return fill(template, {"n": self.integer(n), **self._said(facts)})

    def say(self, phrase: Phrase | Phrases) -> str:
        """The phrase, or each of the phrases, in this language."""
        if isinstance(phrase, Phrase):
            return self.text(phrase.template, **phrase.facts)
        return phrase.separator.join(self.say(item) for item in phrase.items)

    def date(self, value: date | str) -> str:
        """A date, given as such or as a canonical value: "2026-03-10" -> "10.03.2026"."""
        from babel.dates import format_date

        day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        return format_date(day, _DATE_PATTERNS.get(self.language, "medium"), self.language)

    def datetime(self, value: datetime | str) -> str:
        """A moment by the minute; a canonical value without a time shows as a date alone."""
        if isinstance(value, str):
            if len(value) <= len("2026-03-10"):
                return self.date(value)
            return self.datetime(datetime.fromisoformat(value))
        return f"{self.date(value.date())} {value:%H:%M}"

    def money(self, amount: Decimal | int | str, currency: str | None = None) -> str:
        """A sum with two places: "48 500,00 ₽" or, without a currency, "48 500,00"."""
        from babel.numbers import format_currency, format_decimal

        if currency is None:
            return format_decimal(Decimal(amount), "#,##0.00", self.language)
        shown = format_currency(
            Decimal(amount), currency, locale=self.language, currency_digits=False
        )
        # A currency without a sign in this language stands right before the digits: RUB48.
        return re.sub(rf"{re.escape(currency)}(?=\d)", currency + _NO_BREAK, shown)

    def integer(self, value: int) -> str:
        """A whole number with its thousands apart: "1 234"."""
        if abs(value) < 1000:
            return str(value)
        from babel.numbers import format_decimal

        return format_decimal(value, "#,##0", self.language)

    def percent(self, share: Decimal | float, places: int = 1) -> str:
        """A share as percents: 0.125 -> "12,5 %"."""
        from babel import Locale
        from babel.numbers import format_percent

        pattern = Locale.parse(self.language).percent_formats[None].pattern
        digits = pattern.replace("#,##0", "#,##0." + "0" * places) if places else pattern
        return format_percent(share, digits, self.language)

    def _said(self, facts: Mapping[str, object]) -> dict[str, object]:
        return {
            name: self.say(fact) if isinstance(fact, Phrase | Phrases) else fact
            for name, fact in facts.items()
        }

    @cached_property
    def _translations(self) -> gettext.NullTranslations:
        folder = self._folder or resource("locale")
        file = folder / self.language / "LC_MESSAGES" / "crm_sync.po"
        if not file.is_file():
            return gettext.NullTranslations()
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        compiled = BytesIO()
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=self.language))
        compiled.seek(0)
        return gettext.GNUTranslations(compiled)
