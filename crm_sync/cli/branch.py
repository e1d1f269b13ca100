"""`crm-sync branch`: opens a branch with a workbook of its own, like all others."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from crm_sync.cli.entering import author, teller_of
from crm_sync.cli.files import read_file, write_file
from crm_sync.cli.settings import Settings, common, json_option
from crm_sync.cli.usage import Group, Usage
from crm_sync.config import Config, load_config
from crm_sync.config.sample_workbooks import SampleWorkbook, branch_lines
from crm_sync.core.values import N_
from crm_sync.errors import UserError
from crm_sync.services.application import Application
from crm_sync.services.around import look_around
from crm_sync.services.branch import Branch, open_branch
from crm_sync.services.template import apply as apply_template

WAITS = 3

_STEPS = (
    N_("Open https://sheets.new and call the spreadsheet “{branch}”."),
    N_("Press Share and add as an editor: the address that stands in {key} (client_email)."),
    N_(
        "Copy the spreadsheet's address from the browser and type: "
        'crm-sync branch create "{branch}" --google ADDRESS'
    ),
)


@click.group(cls=Group)
def branch() -> None:
    """Branches: open one with a workbook of its own.

    \b
    Example:  crm-sync branch create Omsk
    """


@branch.command()
@click.argument("name", metavar="BRANCH")
@click.option("--workbook", metavar="NAME", help="The workbook's name; usually the branch's.")
@click.option("--google", metavar="ADDRESS", help="The blank spreadsheet at Google to be used.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do none of it.")
@click.option("--by", metavar="NAME", help="Who opens it; usually the name you signed in by.")
@json_option
@common
def create(
    settings: Settings,
    name: str,
    workbook: str | None,
    google: str | None,
    dry_run: bool,
    by: str | None,
    as_json: bool,
) -> int:
    """Open BRANCH: it is added to the branches if there is none of that name, and gets a workbook
    with the same tabs, lists, rules and protection as all others, which shows its clients.

    A section is added at the end of config.toml; what stands there stays as it is. With workbooks
    at Google it says what to click there first.

    \b
    Example:  crm-sync branch create Omsk --dry-run
    """
    config = settings.load()
    name = name.strip()
    if not name:
        raise Usage(N_("The branch has no name."), N_("Say it like: crm-sync branch create Omsk"))
    item = _workbook(config, workbook or name, name, google)
    if any(known.name.casefold() == item.name.casefold() for known in config.workbooks):
        raise Usage(
            N_("There is a workbook “{workbook}” already."),
            N_("Give the new one another name: --workbook NAME"),
            workbook=item.name,
        )
    if not item.spreadsheet and all(known.kind == "google" for known in config.workbooks):
        return _explain(settings, config, name, as_json=as_json)
    # What cannot be written is refused before anything is done.
    _extended(settings, config.file, item, Branch(name, name))
    with settings.application() as app:
        opened = open_branch(app, name, author(by), dry_run=dry_run)
        if opened.problems:
            return _refuse(settings, app, opened)
    section, text = _extended(settings, config.file, item, opened)
    if not dry_run:
        write_file(config.file, text.encode("utf-8"))
    made = "" if dry_run else _make(settings, item.name)
    # That of a local workbook is gone with this run.
    address = made if item.spreadsheet else ""
    if as_json:
        settings.out.json(
            {**_json(opened, item), "section": section, "address": address, "created": not dry_run}
        )
    else:
        _show(settings, opened, item, section, address, dry_run=dry_run)
    return 0


def _refuse(settings: Settings, app: Application, opened: Branch) -> int:
    teller = teller_of(settings, app, look_around(app))
    for problem in opened.problems:
        settings.err.line(teller.problem(problem), mark=("!", "red"))
    return WAITS


def _json(opened: Branch, item: SampleWorkbook) -> dict[str, object]:
    return {
        "branch": opened.id,
        "name": opened.name,
        "is_new": opened.is_new,
        "workbook": item.name,
    }


def _workbook(config: Config, name: str, title: str, google: str | None) -> SampleWorkbook:
    """The new workbook, beside those that there are: in their file, or with their key."""
    folder = config.file.parent
    if google:
        keys = [known.key for known in config.workbooks if known.kind == "google"]
        key = _beside(folder, keys[0]) if keys else "service-account.json"
        return SampleWorkbook(name, spreadsheet=google, key=key)
    for known in config.workbooks:
        if known.kind == "local" and known.url is None:
            return SampleWorkbook(name, data=_beside(folder, known.data), title=title)
    return SampleWorkbook(name, title=title)


def _beside(folder: Path, file: Path) -> str:
    return str(file.relative_to(folder) if file.is_relative_to(folder) else file)


def _extended(
    settings: Settings, file: Path, item: SampleWorkbook, opened: Branch
) -> tuple[str, str]:
    """The new section, and the configuration with it at its end. Raises ConfigError if that will
    not do, under the eyes of what reads it: in a draft beside the file.
    """
    before = read_file(file).decode("utf-8")
    lines = branch_lines(settings.messages, item, opened.name, opened.id or opened.name)
    section = "\n".join([*lines, ""])
    end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if before.endswith("\n") or not before else end
    text = before + gap + section.replace("\n", end)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.toml")
    try:
        write_file(draft, text.encode("utf-8"))
        load_config(draft)
    finally:
        draft.unlink(missing_ok=True)
    return section.strip("\n"), text


def _make(settings: Settings, name: str) -> str:
    """Makes the workbook, or fits out the one at Google; its address."""
    with settings.application() as app:
        try:
            run, _ = apply_template(app, name)
        except UserError as exc:
            settings.err.line(
                settings.typed(
                    settings.messages.text(
                        N_(
                            "The branch and its section in config.toml are there; the workbook is "
                            'not yet. Once that is mended: crm-sync template apply "{workbook}"'
                        ),
                        workbook=name,
                    )
                ),
                mark=("!", "yellow"),
            )
            raise exc
    return run.address


def _explain(settings: Settings, config: Config, name: str, *, as_json: bool) -> int:
    say = settings.messages.text
    key = next(known.key for known in config.workbooks if known.kind == "google")
    shown = _beside(config.file.parent, key)
    steps = [settings.typed(say(step, branch=name, key=shown)) for step in _STEPS]
    if as_json:
        settings.out.json({"steps": steps})
        return WAITS
    settings.out.line(say(N_("Nothing was changed. The workbook is made at Google first:")))
    for number, step in enumerate(steps, start=1):
        settings.out.line(f"{number}. {step}", indent=2)
    return WAITS


def _show(
    settings: Settings,
    opened: Branch,
    item: SampleWorkbook,
    section: str,
    address: str,
    *,
    dry_run: bool,
) -> None:
    say, out = settings.messages.text, settings.out
    if dry_run:
        if opened.is_new:
            out.line(say(N_("The branch “{branch}” would be added."), branch=opened.name))
        out.line(say(N_("This would be added to config.toml, and the workbook made:")))
        for line in section.split("\n"):
            out.line(line, indent=2, keep=True)
        return
    text = N_("The branch “{branch}” has the workbook “{workbook}” now.")
    out.line(say(text, branch=opened.name, workbook=item.name), mark=("✓", "green"))
    if item.spreadsheet:
        out.line(address, indent=2, keep=True)
    text = N_(
        "A client is shown there as soon as its branch, or that of its responsible employee, is "
        "“{branch}”. crm-sync sync carries it there."
    )
    out.line(settings.typed(say(text, branch=opened.name)))
