"""What to click at Google, step by step, for somebody who has never been there."""

from __future__ import annotations

from crm_sync.cli.asking import Asker
from crm_sync.cli.settings import Settings
from crm_sync.core.values import N_

_KEY = (
    N_(
        "Open https://console.cloud.google.com/projectcreate and make a project, for example “crm”."
    ),
    N_(
        "Switch on the Sheets API and the Drive API:"
        " https://console.cloud.google.com/apis/library/sheets.googleapis.com and"
        " https://console.cloud.google.com/apis/library/drive.googleapis.com, Enable in both."
    ),
    N_(
        "Open https://console.cloud.google.com/iam-admin/serviceaccounts and create a service"
        " account, for example “crm-sync”. It needs no role."
    ),
    N_(
        "Click its address, then Keys, Add key, Create new key, JSON. Save the file beside"
        " config.toml as service-account.json. Whoever has it can read the workbooks."
    ),
    N_("So that only you can read it, type: chmod 600 service-account.json"),
)


def explain_key(asker: Asker, settings: Settings) -> None:
    """The steps that lead to a key file."""
    say = settings.messages.text
    asker.told(
        say(N_("crm-sync signs in to Google as a service account. docs/google.md shows more."))
    )
    for number, step in enumerate(_KEY, start=1):
        asker.told(f"  {number}. {say(step)}")


def explain_sharing(asker: Asker, settings: Settings, account: str) -> None:
    """With whom the spreadsheets are to be shared."""
    say = settings.messages.text
    asker.told(
        say(
            N_(
                "A service account owns no files: make a blank spreadsheet for each workbook"
                " (https://sheets.new), or take one that you have, and share it as an editor with:"
            )
        )
    )
    who = account or say(N_("the address that stands in the key file (client_email)"))
    asker.told(f"  {who}")
