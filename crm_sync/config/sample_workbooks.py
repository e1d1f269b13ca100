"""The workbooks of a configuration to start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_sync.config.sample_text import comment, quoted
from crm_sync.messages import Messages


@dataclass(frozen=True)
class SampleWorkbook:
    """One workbook: at Google if there is a `spreadsheet` (its id or address), else local. With a
    `server` that one stands in for Google.
    """

    name: str = "office"
    data: str = "data/workbook.db"
    title: str | None = None
    spreadsheet: str = ""
    key: str = "service-account.json"
    server: str = ""


def workbook_lines(messages: Messages, workbooks: tuple[SampleWorkbook, ...]) -> Iterator[str]:
    """The section of each workbook, the first one with all that it may hold explained; then what
    the other kind looks like.
    """
    say = messages.text
    yield from ("", "")
    yield from comment(say("One section for each workbook. All of them meet in the store."))
    for number, item in enumerate(workbooks):
        if number:
            yield ""
        yield "[[workbooks]]"
        if not number:
            yield from comment(say("Your word for it, in commands and reports."))
        yield f"name = {quoted(item.name)}"
        yield from _online(messages, item) if item.spreadsheet else _local(messages, item)
        if not number:
            yield from _shown(messages)
    if not any(item.spreadsheet for item in workbooks):
        yield ""
        yield from comment(
            say(
                "A local workbook that is served already, here or on another computer, has an"
                " address:"
            )
        )
        yield '# url = "http://127.0.0.1:8765"'
        yield '# id = "1AbC..."'
        yield '# key = "branch-key.json"'
        yield from _google(messages)


def branch_lines(
    messages: Messages, item: SampleWorkbook, branch: str, branch_id: str
) -> Iterator[str]:
    """The section of a branch's workbook, to stand at the end of a configuration."""
    say = messages.text
    yield ""
    text = say(
        "The branch “{branch}”: its clients with their contacts and agreements.", branch=branch
    )
    yield from comment(text)
    yield "[[workbooks]]"
    yield f"name = {quoted(item.name)}"
    yield from _online(messages, item) if item.spreadsheet else _local(messages, item)
    yield f"scope = {{ branch = {quoted(branch_id)} }}"


def _local(messages: Messages, item: SampleWorkbook) -> Iterator[str]:
    say = messages.text
    yield from comment(
        say("local: a workbook in a file here, served in Google's protocol to this computer only.")
    )
    yield 'kind = "local"'
    yield from comment(say("The file with the local workbooks; it is made when it is missing."))
    yield f"data = {quoted(item.data)}"
    if item.title is not None:
        yield from comment(say("The title that a new workbook gets."))
        yield f"title = {quoted(item.title)}"
    yield from _keep_extra(messages)


def _online(messages: Messages, item: SampleWorkbook) -> Iterator[str]:
    say = messages.text
    yield f'kind = "{"local" if item.server else "google"}"'
    if item.server:
        yield f"url = {quoted(item.server)}"
    yield from comment(say("The spreadsheet's address from the browser, or the long part of it."))
    yield f"id = {quoted(item.spreadsheet)}"
    yield from comment(
        say("The service account's key from Google Cloud. Only you should be able to read it.")
    )
    yield f"key = {quoted(item.key)}"
    yield from _keep_extra(messages)


def _keep_extra(messages: Messages) -> Iterator[str]:
    yield from comment(
        messages.text("true: values of columns that crm-sync does not know go to the store, too.")
    )
    yield "keep_extra = false"


def _shown(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield ""
    yield from comment(
        say(
            "A workbook for one employee or branch: the clients that it shows, with their contacts"
            " and agreements. Without this line it shows all. docs/workbooks.md explains it."
        )
    )
    yield f'# scope = {{ employee = "{say("Anna Ivanova")}", kind = ["customer"] }}'
    yield from comment(say("Columns that its people only read; what they type there is put back."))
    yield '# read_only = ["clients.owner"]'
    yield from comment(say("Columns that it shows in part: +7 912 ***-**-67"))
    yield '# masked = ["clients.phone", "clients.email"]'
    yield from comment(say("Columns that it does not have."))
    yield '# hidden = ["clients.tax_id"]'


def _google(messages: Messages) -> Iterator[str]:
    say = messages.text
    yield ""
    yield from comment(
        say(
            "The same in Google Sheets. Remove the # signs below, put in your own id, and share the"
            " spreadsheet, as an editor, with the e-mail address that stands in the key file."
        )
    )
    yield "#"
    yield "# [[workbooks]]"
    yield '# name = "sales"'
    yield '# kind = "google"'
    yield from comment(
        say("The spreadsheet's address from the browser, or the long part of it."), 2
    )
    yield '# id = "https://docs.google.com/spreadsheets/d/1AbC.../edit"'
    yield from comment(
        say("The service account's key from Google Cloud. Only you should be able to read it."), 2
    )
    yield '# key = "service-account.json"'
