"""The demonstration: a folder of its own, a local server, a member of staff at the workbook."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crm_sync.config import SampleValues, SampleWorkbook, load_config, sample_config
from crm_sync.core.values import N_
from crm_sync.demo_data.load import CURRENCY
from crm_sync.errors import ConfigError, RunInProgress
from crm_sync.messages import Messages
from crm_sync.services.application import Application
from crm_sync.services.demo import WORKBOOK, Staff
from crm_sync.wiring.application import StoreUse, open_application
from crm_sync.wiring.local import local_data, served_at

MARK = ".crm-sync-demo"
"""A file that says: this folder is a demonstration and may be made anew. Locked while one plays."""
CONFIG, STORE, DATA = "config.toml", "crm.db", "workbook.db"
_MADE = (CONFIG, f"{STORE}*", "backups/crm-*", f"{DATA}*", "workbook-key.json", ".gitignore")


@contextmanager
def open_demo(folder: Path, language: str) -> Iterator[tuple[Application, Staff]]:
    """The application of a new demonstration in this folder, and somebody at its workbook.

    Raises ConfigError or RunInProgress, and touches nothing, if the folder is not empty and no
    earlier demonstration, or if one there is in use.
    """
    from crm_sync.sheet_server.server import SheetServer
    from crm_sync.workbooks.staff import StaffHand

    with ExitStack() as stack:
        try:
            _claim(folder, stack)
            _furnish(folder, language)
        except OSError as exc:
            raise ConfigError(
                N_("The folder {folder} cannot be used: {reason}."),
                N_("Choose another: crm-sync demo my-demo"),
                folder=folder,
                reason=exc.strerror or type(exc).__name__,
            ) from exc
        config = load_config(folder / CONFIG, {})
        token = secrets.token_urlsafe(24)
        server = stack.enter_context(SheetServer(local_data(config), token=token))
        app = stack.enter_context(open_application(config, StoreUse.MAKE))

        def spreadsheet_id() -> str:
            binding = app.store.bases.binding(WORKBOOK)
            assert binding is not None
            return binding.spreadsheet_id

        yield app, StaffHand(server.url, token, spreadsheet_id)


def _claim(folder: Path, stack: ExitStack) -> None:
    """Makes sure that the folder may be made anew, and holds it until the end."""
    mark = folder / MARK
    if folder.is_dir() and any(folder.iterdir()) and not mark.exists():
        raise ConfigError(
            N_("The folder {folder} is not empty, and it is no demonstration."),
            N_("Choose another: crm-sync demo my-demo"),
            folder=folder,
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _hold(mark, folder, stack)
    with ExitStack() as briefly:
        _hold(folder / f"{STORE}.lock", folder, briefly)
    url = served_at(folder / DATA)
    if url is not None:
        raise ConfigError(
            N_("The demonstration in {folder} is being served, at {url}."),
            N_("End that server with Ctrl-C in its window, or choose another folder."),
            folder=folder,
            url=url,
        )


def _hold(path: Path, folder: Path, stack: ExitStack) -> None:
    try:
        stack.enter_context(FileLock(path, timeout=0, mode=0o600))
    except Timeout as exc:
        raise RunInProgress(
            N_("The demonstration in {folder} is running already."),
            N_("Wait until it is done, or choose another folder: crm-sync demo my-demo"),
            folder=folder,
        ) from exc


def _furnish(folder: Path, language: str) -> None:
    """Takes away what an earlier demonstration made, and nothing else; writes the configuration."""
    for pattern in _MADE:
        for path in sorted(folder.glob(pattern)):
            # A lock file stays: another program may hold it open, and must meet us there.
            if path.suffix != ".lock":
                path.unlink()
    title = N_("CRM of the demo company")
    values = SampleValues(
        currency=CURRENCY,
        store=STORE,
        workbooks=(SampleWorkbook(WORKBOOK, DATA, Messages(language).text(title)),),
    )
    # Clients' data and a key lie here; they belong in no repository around this folder.
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    (folder / CONFIG).write_text(sample_config(language, values), encoding="utf-8")
