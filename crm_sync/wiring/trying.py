"""Tries what a configuration says: the key, the clock, whether a workbook is there and shared."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from crm_sync.config import Config
from crm_sync.core.access import Share
from crm_sync.core.values import N_
from crm_sync.errors import AccessError, UserError
from crm_sync.wiring.workbooks import ConfiguredWorkbooks


@dataclass(frozen=True)
class Tried:
    """What trying one workbook showed. `made` is False for a local one that there is not yet;
    `told` if Google does not say who may open it; `skew` says by how many seconds this computer's
    clock is ahead of the server's.
    """

    workbook: str
    account: str = ""
    title: str = ""
    address: str = ""
    shares: tuple[Share, ...] = ()
    skew: float = 0.0
    made: bool = True
    told: bool = True
    error: UserError | None = None


def account_of(key: Path) -> str:
    """The address of the service account in a key file. Raises KeyFileError if it will not do."""
    from crm_sync.workbooks.connection import load_key

    return load_key(key)["client_email"]


def try_workbook(config: Config, name: str, spreadsheet_id: str = "") -> Tried:
    """Signs in, opens the workbook, and asks what we and who else may. Four requests, nothing is
    written.
    """
    identity = config.workbook(name).id or spreadsheet_id
    if not identity:
        return Tried(name, made=False)
    account = ""
    with ExitStack() as stack:
        workbooks = ConfiguredWorkbooks(config, stack)
        try:
            # First of all: it sees whether a local workbook's file is gone, and makes no new one.
            workbook = workbooks.open(name, identity)
            account = workbooks.account(name)
            workbook.probe()
            outline = workbook.outline()
            rights = workbook.rights()
            if not rights.edit:
                raise AccessError(
                    N_("“{title}” is shared with {account} for reading only."),
                    N_("Open the workbook, press Share, and make {account} an editor."),
                    title=outline.title,
                    account=account,
                )
            shares = workbook.shares() if rights.share else ()
        except UserError as exc:
            return Tried(name, account, error=exc)
        skew = workbooks.clock_skew(name)
        return Tried(
            name, account, outline.title, workbook.address, shares, skew, told=rights.share
        )
