"""A configuration to start from, its comments in the language of its reader."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crm_sync.messages import Messages

_WIDTH: Final = 98


@dataclass(frozen=True)
class SampleValues:
    """What a sample says. Paths are relative to the folder that it is written to."""

    timezone: str = "Europe/Moscow"
    currency: str = "RUB"
    phone_region: str = "RU"
    store: str = "data/crm.db"
    workbook: str = "office"
    data: str = "data/workbook.db"
    title: str | None = None


def sample_config(language: str, values: SampleValues | None = None) -> str:
    """The text of a config.toml that works as it stands: one store, one local workbook.

    Each key is explained in this language. `load_config` takes the text.
    """
    return "\n".join(_lines(Messages(language), values or SampleValues()))


def _lines(messages: Messages, values: SampleValues) -> Iterator[str]:
    say = messages.text
    yield from _comment(say("A sample that works as it stands: one store and one workbook, here."))
    yield from _comment(
        say("Paths are relative to this file. Lines that begin with # are comments.")
    )
    yield ""
    yield from _comment(say("The language of headings, drop-downs and messages: en or ru."))
    yield f"language = {_quoted(messages.language)}"
    yield ""
    yield from _comment(say("Where the company works: this decides what “today” is."))
    yield f"timezone = {_quoted(values.timezone)}"
    yield ""
    yield from _comment(say("The currency of sums that name none (ISO 4217)."))
    yield f"currency = {_quoted(values.currency)}"
    yield ""
    yield from _comment(say("The country of phone numbers that are typed without +7, +44 ..."))
    yield f"phone_region = {_quoted(values.phone_region)}"
    yield ""
    yield from _comment(
        say(
            "What happens when somebody edits a column that crm-sync fills: warn asks first, lock "
            "forbids it (and with it, to sort and to delete rows), none does nothing."
        )
    )
    yield 'protection = "warn"'
    yield ""
    yield from _comment(
        say("Sheets change nothing that is dated up to this day: reports were made of it.")
    )
    yield "# closed_until = 2026-01-31"
    yield from ("", "", "[store]")
    yield from _comment(
        say("The one SQLite file that holds everything. Any SQLite program may open it.")
    )
    yield f"path = {_quoted(values.store)}"
    yield from _workbook(messages, values)
    yield from _google(messages)
    yield from _limits(messages)
    yield from _conflicts(messages)
    yield from _backup(messages)
    yield from _reports(messages)
    yield from _requests(messages)
    yield from _columns(messages)


def _workbook(messages: Messages, values: SampleValues) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from _comment(say("One section for each workbook. All of them meet in the store."))
    yield "[[workbooks]]"
    yield from _comment(say("Your word for it, in commands and reports."))
    yield f"name = {_quoted(values.workbook)}"
    yield from _comment(
        say("local: a workbook in a file here, served in Google's protocol to this computer only.")
    )
    yield 'kind = "local"'
    yield from _comment(say("The file with the local workbooks; it is made when it is missing."))
    yield f"data = {_quoted(values.data)}"
    if values.title is not None:
        yield from _comment(say("The title that a new workbook gets."))
        yield f"title = {_quoted(values.title)}"
    yield from _comment(
        say("true: values of columns that crm-sync does not know go to the store, too.")
    )
    yield "keep_extra = false"
    yield from _shown(messages)
    yield ""
    yield from _comment(
        say("A local workbook that is served already, here or on another computer, has an address:")
    )
    yield '# url = "http://127.0.0.1:8765"'
    yield '# id = "1AbC..."'
    yield '# key = "branch-key.json"'


def _shown(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield ""
    yield from _comment(
        say(
            "A workbook for one employee or branch: the clients that it shows, with their contacts"
            " and agreements. Without this line it shows all. docs/workbooks.md explains it."
        )
    )
    yield f'# scope = {{ employee = "{say("Anna Ivanova")}", kind = ["customer"] }}'
    yield from _comment(say("Columns that its people only read; what they type there is put back."))
    yield '# read_only = ["clients.owner"]'
    yield from _comment(say("Columns that it shows in part: +7 912 ***-**-67"))
    yield '# masked = ["clients.phone", "clients.email"]'
    yield from _comment(say("Columns that it does not have."))
    yield '# hidden = ["clients.tax_id"]'


def _google(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield ""
    yield from _comment(
        say(
            "The same in Google Sheets. Remove the # signs below, put in your own id, and share the"
            " spreadsheet, as an editor, with the e-mail address that stands in the key file."
        )
    )
    yield "#"
    yield "# [[workbooks]]"
    yield '# name = "sales"'
    yield '# kind = "google"'
    yield from _comment(
        say("The spreadsheet's address from the browser, or the long part of it."), 2
    )
    yield '# id = "https://docs.google.com/spreadsheets/d/1AbC.../edit"'
    yield from _comment(
        say("The service account's key from Google Cloud. Only you should be able to read it."), 2
    )
    yield '# key = "service-account.json"'


def _limits(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from _comment(
        say(
            "A run that would do more than this stops before it writes, says the numbers, and names"
            " the command that goes ahead."
        )
    )
    yield "[limits]"
    yield from _comment(say("Deleted rows of one tab: it stops above this many ..."))
    yield "delete_rows = 5"
    yield from _comment(say("... if they are also more than this share of the tab."))
    yield "delete_share = 0.05"
    yield from _comment(
        say("Changed cells of one column: it stops above this share of its rows ...")
    )
    yield "column_share = 0.30"
    yield from _comment(say("... if they are also more than this many."))
    yield "column_rows = 10"


def _conflicts(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from _comment(
        say(
            "Both sides changed a field: a person decides, unless it stands in one of these lists."
            " The value that gives way is kept in the history."
        )
    )
    yield "[conflicts]"
    yield "sheet = []"
    yield "store = []"
    yield from _comment(
        say("The store's value stays if it is surely the later one; else a person decides.")
    )
    yield "newest = []"
    yield '# sheet = ["clients.city", "clients.address"]'


def _backup(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from _comment(
        say(
            "Copies of the store, made before each run that changes anything. docs/recovery.md"
            " says how to use them."
        )
    )
    yield "[backup]"
    yield from _comment(say("Best on another disk. Without this line: beside the store."))
    yield '# folder = "/mnt/backups/crm"'
    yield "before_runs = true"
    yield from _comment(
        say("Kept is the newest one of each of so many hours, days, weeks and months:")
    )
    yield "hourly = 24"
    yield "daily = 14"
    yield "weekly = 8"
    yield "monthly = 12"
    yield from _comment(
        say(
            "With a public key of age they are encrypted; only the private key, which you keep"
            " elsewhere, opens them."
        )
    )
    yield '# recipient = "age1..."'


def _reports(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from _comment(
        say("The tabs that crm-sync writes by itself, beside Problems and Conflicts.")
    )
    yield "[reports]"
    yield from _comment(
        say(
            "Choose from: followups, summary, comparison, seasonality, plans, kpi, customers,"
            " campaigns."
        )
    )
    yield 'tabs = ["followups", "summary", "comparison", "seasonality", "customers"]'
    yield from _comment(
        say(
            "The company's lists that staff keep in the workbook as tabs: rates (of currencies),"
            " calendar (days off), sales_plan, kpi_rules, bonus_terms. Who opens the workbook sees"
            " them, salaries too."
        )
    )
    yield "lists = []"
    yield from _comment(say("The month in which the year of comparisons begins."))
    yield "year_begins = 1"


def _requests(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield from ("", "")
    yield from _comment(say("How long a server may take, in seconds."))
    yield "[requests]"
    yield from _comment(say("Until it takes the call:"))
    yield "connect_timeout = 10"
    yield from _comment(say("Until it answers:"))
    yield "read_timeout = 60"
    yield from _comment(say("All requests of one run together, with their repetitions:"))
    yield "budget = 300"
    yield ""


def _columns(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield ""
    yield from _comment(
        say(
            "A column of your own in a tab, checked and kept like the others: one section for each."
        )
    )
    yield "#"
    yield "# [[columns]]"
    yield '# table = "clients"'
    yield '# field = "discount"'
    yield '# kind = "decimal"'
    yield "# minimum = 0"
    yield "# maximum = 100"
    yield '# headings = { en = "Discount, %", ru = "Скидка, %" }'
    yield ""


def _comment(text: str, depth: int = 1) -> Iterator[str]:
    """Lines of a comment; `depth` 2 for one inside an example that is commented out itself."""
    mark = "# " * depth
    yield from textwrap.wrap(text, _WIDTH, initial_indent=mark, subsequent_indent=mark)


def _quoted(text: str) -> str:
    """A string as TOML writes it; the escapes of JSON are among those of TOML."""
    return json.dumps(text, ensure_ascii=False)
