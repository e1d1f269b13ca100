"""`crm-sync init`: from nothing to a configuration that works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from crm_sync.cli.asking import Asker
from crm_sync.cli.failure_json import error_json
from crm_sync.cli.files import write_file
from crm_sync.cli.google_steps import explain_key, explain_sharing
from crm_sync.cli.settings import LANGUAGES, Settings, common, json_option
from crm_sync.cli.usage import OneOf, Usage
from crm_sync.config import Config, SampleValues, SampleWorkbook, load_config, sample_config
from crm_sync.config.codes import currency, language, phone_region, timezone
from crm_sync.config.parts import name_of
from crm_sync.config.settings import server_address, spreadsheet_id
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError, KeyFileError, UserError
from crm_sync.messages.faults import Wrong
from crm_sync.services.sync import sync as sync_workbook
from crm_sync.wiring import open_application
from crm_sync.wiring.place import place_of, this_place
from crm_sync.wiring.trying import Tried, account_of, try_workbook

USUAL_NAME = "office"
USUAL_KEY = "service-account.json"
SKEW = 240
"""Seconds by which a clock may be wrong before Google refuses what it signs."""


@dataclass(frozen=True)
class Given:
    """What the command was given."""

    language: str | None
    timezone: str | None
    currency: str | None
    country: str | None
    kind: str | None
    names: tuple[str, ...]
    spreadsheets: tuple[str, ...]
    key: str | None
    server: str | None


@click.command(short_help="Set crm-sync up: ask, write config.toml, try it.")
@click.option("--language", "language_", type=OneOf(LANGUAGES), help="The workbooks' language.")
@click.option("--timezone", "timezone_", metavar="ZONE", help="As Europe/Moscow.")
@click.option("--currency", "currency_", metavar="CODE", help="As RUB, EUR, USD.")
@click.option("--country", metavar="CODE", help="Of phones without +7, +44: RU, GB ...")
@click.option("--local", "kind", flag_value="local", help="Workbooks in a file here.")
@click.option("--google", "kind", flag_value="google", help="Workbooks in Google Sheets.")
@click.option("--workbook", "names", multiple=True, metavar="NAME", help="Several: repeat it.")
@click.option(
    "--spreadsheet",
    "spreadsheets",
    multiple=True,
    metavar="ADDRESS",
    help="The Google spreadsheet of each --workbook, in their order.",
)
@click.option("--key", metavar="FILE", help=f"The service account's key. [default: {USUAL_KEY}]")
@click.option("--server", metavar="URL", help="A Sheets server in the place of Google.")
@click.option("--replace", is_flag=True, help="Replace config.toml; the old one is kept beside it.")
@click.option("--yes", is_flag=True, help="Ask nothing; take what Enter would give.")
@json_option
@common
def init(
    settings: Settings,
    language_: str | None,
    timezone_: str | None,
    currency_: str | None,
    country: str | None,
    kind: str | None,
    names: tuple[str, ...],
    spreadsheets: tuple[str, ...],
    key: str | None,
    server: str | None,
    replace: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Set crm-sync up in this folder: ask for what it must know, write a config.toml that explains
    each key, and try it. Local workbooks are made; for Google it says step by step what to click,
    checks the key, and tries whether it can open each spreadsheet. Scopes that it asks Google for:
    spreadsheets, and drive.metadata.readonly.

    \b
    Example:  crm-sync init --yes --local --workbook office
    """
    asker = Asker(settings, silent=yes)
    file = settings.config_file
    _ask_to_replace(asker, file, replace=replace)
    given = Given(language_, timezone_, currency_, country, kind, names, spreadsheets, key, server)
    spoken, values = _values(settings, asker, given, file)
    text = sample_config(spoken, values)
    _check(text)
    _write(file, text)
    config = load_config(file)
    if settings.lang is None:
        settings.lang = spoken
    say = settings.messages.text
    if not as_json:
        settings.out.line(say(N_("{file} is written."), file=file), mark=("✓", "green"))
    tried = tuple(_tried(settings, asker, config, item.name) for item in config.workbooks)
    if as_json:
        settings.out.json({"init": _json(settings, file, tried)})
    else:
        _print_next(settings, config, tried)
    return next((item.error.exit_code for item in tried if item.error), 0)


def _ask_to_replace(asker: Asker, file: Path, *, replace: bool) -> None:
    """Raises ConfigError if there is a configuration that is to stay."""
    if not file.exists() or replace:
        return
    question = asker.settings.messages.text(
        N_("{file} is there already. Replace it (the old one is kept beside it)?"), file=file
    )
    if not asker.agrees(question, usual=False):
        raise ConfigError(
            N_("{file} is there already, and stays as it is."),
            N_("Edit it by hand, or: crm-sync init --replace"),
            file=file,
        )


def _values(settings: Settings, asker: Asker, given: Given, file: Path) -> tuple[str, SampleValues]:
    """The language, and all else that the configuration is to say."""
    usual = settings.messages.language
    question = settings.messages.text(N_("Language of the workbooks (en, ru)"))
    spoken = asker.value(question, usual, language, given.language)
    if settings.lang is None:
        settings.lang = spoken
    say = settings.messages.text
    here = this_place()
    zone = asker.value(say(N_("Time zone")), here.timezone, timezone, given.timezone)
    here = place_of(zone)
    russian = spoken == "ru"
    money = asker.value(
        say(N_("Currency")),
        here.currency or ("RUB" if russian else "USD"),
        currency,
        given.currency,
    )
    country = asker.value(
        say(N_("Country of phones that are typed without +7, +44 ...")),
        here.country or ("RU" if russian else "US"),
        phone_region,
        given.country,
    )
    wanted = given.kind or ("google" if given.spreadsheets else None)
    kind: str = asker.value(
        say(N_("Workbooks in a file here (local), or in Google Sheets (google)")),
        "local",
        _kind,
        wanted,
    )
    names = asker.value(
        say(N_("Names of the workbooks, for example of branches, with commas between them")),
        USUAL_NAME,
        _names,
        ",".join(given.names) or None,
    )
    workbooks = tuple(SampleWorkbook(name) for name in names)
    if kind == "google":
        workbooks = _google(settings, asker, given, names, file)
    return spoken, SampleValues(
        timezone=zone, currency=money, phone_region=country, workbooks=workbooks
    )


def _google(
    settings: Settings, asker: Asker, given: Given, names: tuple[str, ...], file: Path
) -> tuple[SampleWorkbook, ...]:
    """The workbooks at Google, after the steps that lead to a key and to shared spreadsheets."""
    say = settings.messages.text
    if given.key is None:
        explain_key(asker, settings)
    key = asker.value(say(N_("The key file")), USUAL_KEY, _text, given.key)
    place = Path(file.parent, Path(key).expanduser())
    account = _account(settings, asker, place)
    if not given.spreadsheets:
        explain_sharing(asker, settings, account)
    if asker.silent and len(given.spreadsheets) != len(names):
        raise Usage(
            N_("Each workbook at Google needs the address of its spreadsheet."),
            N_("Give --spreadsheet as often as --workbook."),
        )
    server = server_address(given.server) if given.server else ""
    found = []
    for number, name in enumerate(names):
        ready = given.spreadsheets[number] if number < len(given.spreadsheets) else None
        question = say(
            N_("The address of the spreadsheet for “{name}”, from the browser"), name=name
        )
        identity = asker.value(say(question, name=name), "", spreadsheet_id, ready)
        found.append(SampleWorkbook(name, spreadsheet=identity, key=key, server=server))
    return tuple(found)


def _account(settings: Settings, asker: Asker, key: Path) -> str:
    """The account of a key that will do; "" if the person goes on without one."""
    while True:
        try:
            return account_of(key)
        except KeyFileError as exc:
            if asker.silent:
                raise
            settings.show_error(exc)
            again = settings.messages.text(N_("Mend that; then look again (n: go on without)?"))
            if not asker.agrees(again):
                return ""


def _tried(settings: Settings, asker: Asker, config: Config, name: str) -> Tried:
    """What trying a workbook shows; a local one is made by its first run."""
    say = settings.messages.text
    while True:
        with settings.err.working(say(N_("Trying {workbook} …"), workbook=name)):
            found = try_workbook(config, name)
            if not found.made:
                found = _made(config, name)
        if found.error is None or asker.silent:
            break
        settings.show_error(found.error, name)
        if not asker.agrees(say(N_("Mend that; then look again (n: go on without)?"))):
            return found
    if found.error is not None:
        settings.show_error(found.error, name)
    return found


def _made(config: Config, name: str) -> Tried:
    try:
        with open_application(config) as app:
            return Tried(name, address=sync_workbook(app, name).address)
    except UserError as exc:
        return Tried(name, error=exc)


def _print_next(settings: Settings, config: Config, tried: tuple[Tried, ...]) -> None:
    say = settings.messages.text
    local = False
    for item in tried:
        bound = config.workbook(item.workbook)
        if item.error is not None:
            text = say(N_("{workbook}: not reached yet."), workbook=item.workbook)
            settings.out.line(text, mark=("!", "yellow"))
        elif bound.kind == "local" and bound.url is None:
            local = True
            text = say(N_("{workbook}: made, with empty tabs."), workbook=item.workbook)
            settings.out.line(text, mark=("✓", "green"))
        else:
            text = say(
                N_("{workbook}: “{title}” can be read and edited."),
                workbook=item.workbook,
                title=item.title,
            )
            settings.out.line(text, mark=("✓", "green"))
        if abs(item.skew) > SKEW:
            text = N_("The clock of this computer is {seconds} s off: set it.")
            settings.out.line(say(text, seconds=round(abs(item.skew))), "yellow")
    lines: list[tuple[str, str]] = []
    if any(item.error for item in tried):
        lines.append((N_("When that is mended, look all over:"), "crm-sync doctor"))
    if local:
        lines.append((N_("To open the workbook in a browser:"), "crm-sync serve"))
    else:
        lines.append((N_("To see who may open the workbooks:"), "crm-sync audit access"))
        lines.append((N_("To see what the first run would do:"), "crm-sync sync --dry-run"))
    lines.append(
        (N_("To bring both sides to agreement every five minutes:"), "crm-sync schedule install")
    )
    for text, command in lines:
        settings.out.line(say(text))
        settings.out.line(settings.typed(command), mark=("→", "bold"), indent=2, keep=True)


def _json(settings: Settings, file: Path, tried: tuple[Tried, ...]) -> dict[str, object]:
    return {
        "config": str(file.resolve()),
        "workbooks": [
            {
                "workbook": item.workbook,
                "account": item.account,
                "title": item.title,
                "clock_seconds": round(item.skew),
                "error": error_json(item.error.code, *settings.told(item.error))
                if item.error
                else None,
            }
            for item in tried
        ],
    }


def _check(text: str) -> None:
    """Raises ConfigError if what is to be written will not do: then nothing is."""
    with TemporaryDirectory(prefix="crm-sync-") as folder:
        trial = Path(folder, "config.toml")
        trial.write_text(text, encoding="utf-8")
        load_config(trial)


def _write(file: Path, text: str) -> None:
    """Puts the configuration in place, for its owner alone: it names who may open what, and where
    the key lies. What was there before gets the ending .old.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            file.replace(file.with_name(f"{file.name}.old"))
    except OSError as exc:
        raise ConfigError(
            N_("The configuration {file} cannot be written: {reason}."),
            N_("Choose another folder, or see who may write to it."),
            file=file,
            reason=exc.strerror or str(exc),
        ) from exc
    write_file(file, text.encode("utf-8"))


def _kind(text: str) -> str:
    for kind in ("local", "google"):
        if text and kind.startswith(text.casefold()):
            return kind
    raise Wrong(N_("“{typed}” is neither local nor google."), typed=text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name_of(part.strip()) for part in text.split(",") if part.strip())
    if not names or len({name.casefold() for name in names}) < len(names):
        raise Wrong(N_("Each workbook needs a name of its own."))
    return names


def _text(text: str) -> str:
    return text
