"""Reads config.toml: one result, or every fault at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from crm_sync.config.settings import Config
from crm_sync.core.values import N_
from crm_sync.errors import ConfigError
from crm_sync.messages import Phrase, Phrases
from crm_sync.messages.faults import at_place, check
from crm_sync.messages.toml_file import Document, Place, parse
from crm_sync.templates import languages

ENVIRONMENT: Final[Mapping[str, Place]] = {
    "CRM_SYNC_LANGUAGE": ("language",),
    "CRM_SYNC_TIMEZONE": ("timezone",),
    "CRM_SYNC_CURRENCY": ("currency",),
    "CRM_SYNC_PHONE_REGION": ("phone_region",),
    "CRM_SYNC_STORE": ("store", "path"),
}
"""Variables that stand above the file, and the keys they replace."""

_HINTS: Final = {
    "language": N_('For example: language = "en"'),
    "timezone": N_('For example: timezone = "Europe/Moscow"'),
    "currency": N_('For example: currency = "RUB"'),
    "phone_region": N_('For example: phone_region = "RU"'),
    "workbooks": N_("Each workbook has a section [[workbooks]] with name and kind."),
    "workbooks.name": N_('For example: name = "office"'),
    "workbooks.kind": N_('For example: kind = "local"'),
    "workbooks.id": N_("Copy the spreadsheet's address from the browser."),
    "limits.delete_share": N_("A share: 0.05 is five of a hundred."),
    "limits.column_share": N_("A share: 0.30 is thirty of a hundred."),
}


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration in this file; variables of the environment stand above it.

    Raises ConfigError with all faults, each with its line, key, and what would be right.
    """
    document = parse(_read(path))
    if isinstance(document, Phrase):
        raise _error(path, (document,))
    document = _overridden(document, os.environ if environment is None else environment)
    folder = path.resolve().parent
    config = check(Config, document, _HINTS, {"folder": folder})
    if isinstance(config, tuple):
        raise _error(path, config)
    config._file = path.resolve()
    return config


def check_known(config: Config, known: Mapping[str, str]) -> None:
    """Raises ConfigError if two workbooks are one spreadsheet. `known` are the ids by name with
    which workbooks were synced before.
    """
    faults = tuple(config.doubled(known))
    if faults:
        document = parse(_read(config.file))
        if isinstance(document, Phrase):
            raise _error(config.file, (document,))
        raise _error(config.file, tuple(at_place(document, *fault)[1] for fault in faults))


def spoken_language(path: Path, environment: Mapping[str, str] | None = None) -> str:
    """The language to speak before, or without, a configuration that can be used.

    That is the one that the file names, if it says so much; else the system's, if there are
    templates for it; else English.
    """
    surroundings = os.environ if environment is None else environment
    named = [surroundings.get("CRM_SYNC_LANGUAGE", ""), _named_language(path)]
    system = [surroundings.get(name, "")[:2] for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    return next((code for code in (*named, *system) if code in languages()), "en")


def _named_language(path: Path) -> str:
    try:
        found = path.stat()
        return _language_in(path, found.st_mtime_ns, found.st_size)
    except OSError:
        return ""


@lru_cache(maxsize=8)
def _language_in(path: Path, _changed: int, _size: int) -> str:
    """The language that a file names, read once as long as it stays what it is. Raises OSError."""
    document = parse(path.read_bytes())
    return "" if isinstance(document, Phrase) else str(document.data.get("language", ""))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            N_("There is no configuration {file}."),
            N_("Type crm-sync init to make one, or crm-sync demo to see how it works."),
            file=path,
        ) from None
    except OSError as error:
        if path.is_dir():
            raise ConfigError(
                N_("{file} is a folder, not a configuration."),
                N_("Name the file in it: {inside}"),
                file=path,
                inside=path / "config.toml",
            ) from None
        raise ConfigError(
            N_("The configuration {file} cannot be read: {reason}."),
            N_("See who may read it, and whether its disk is there."),
            file=path,
            reason=error.strerror or str(error),
        ) from error


def _error(path: Path, faults: tuple[Phrase, ...]) -> ConfigError:
    return ConfigError(
        N_("The configuration {file} cannot be used:\n{faults}"),
        N_("Mend these lines. The sample config.toml explains each key."),
        file=path,
        faults=Phrases(faults),
    )


def _overridden(document: Document, environment: Mapping[str, str]) -> Document:
    """The document with the values of the environment in the place of its own."""
    data, elsewhere = dict(document.data), {}
    for variable, place in ENVIRONMENT.items():
        value = environment.get(variable)
        if not value:
            continue
        elsewhere[place] = Phrase(N_("environment variable {name}"), {"name": variable})
        match place:
            case (str(key),):
                data[key] = value
            case (str(section), str(key)) if isinstance(data.get(section, {}), dict):
                data[section] = {**data.get(section, {}), key: value}
    return replace(document, data=data, elsewhere=elsewhere)
