"""What every command shares: where the configuration is, in which language to speak, where to."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from crm_sync.cli.screen import Screen
from crm_sync.cli.typed import as_typed
from crm_sync.cli.usage import OneOf
from crm_sync.config import Config, load_config, spoken_language
from crm_sync.errors import UserError
from crm_sync.messages import Messages
from crm_sync.services.application import Application
from crm_sync.templates import languages
from crm_sync.wiring import StoreUse, open_application

P = ParamSpec("P")
R = TypeVar("R")

LANGUAGES = languages()
USUAL_CONFIG = Path("config.toml")


@dataclass
class Settings:
    """The options that every command takes. Results go to stdout, everything else to stderr."""

    config: Path | None = None
    lang: str | None = None
    as_json: bool = False

    @classmethod
    def guessed(cls, arguments: Sequence[str]) -> Settings:
        """The options as they stand in a command that may be wrong elsewhere."""
        config = _value(arguments, "--config", "-c")
        lang = _value(arguments, "--lang")
        return cls(
            Path(config) if config else None,
            lang if lang in LANGUAGES else None,
            "--json" in arguments,
        )

    def take(self, config: object, lang: object) -> None:
        """Takes over what click read; None leaves what is known."""
        if isinstance(config, Path):
            self.config = config
        if isinstance(lang, str):
            self.lang = lang

    @property
    def config_file(self) -> Path:
        """The configuration's file: `--config`, else CRM_SYNC_CONFIG, else config.toml here."""
        return self.config or Path(os.environ.get("CRM_SYNC_CONFIG") or USUAL_CONFIG)

    @property
    def messages(self) -> Messages:
        """The words: `--lang`, else the configuration's language, else the system's."""
        return _messages(self.lang or spoken_language(self.config_file))

    @property
    def out(self) -> Screen:
        """For results."""
        return Screen()

    @property
    def err(self) -> Screen:
        """For progress and errors."""
        return Screen(stderr=True)

    def typed(self, text: str) -> str:
        """The text with each command in it as it can be typed here, for this configuration."""
        return as_typed(text, self.config)

    def told(self, error: UserError) -> tuple[str, str]:
        """What is wrong and what to do, in words."""
        say = self.messages.text
        hint = say(error.hint, **error.facts) if error.hint else ""
        return say(error.message, **error.facts), self.typed(hint)

    def show_error(self, error: UserError, workbook: str = "") -> None:
        """Prints an error that the user can mend: what is wrong, then what to do."""
        message, hint = self.told(error)
        self.show_failure(error.code, f"{workbook}: {message}" if workbook else message, hint)

    def show_failure(self, code: str, message: str, hint: str) -> None:
        """Prints what went wrong on stderr. A hint often holds a command: in one piece it can be
        copied.
        """
        self.err.line(message, mark=(code, "bold red"))
        if hint:
            self.err.line(hint, mark=("→", "bold"), keep=True)

    def load(self) -> Config:
        """The configuration. Raises ConfigError."""
        return load_config(self.config_file)

    @contextmanager
    def application(
        self, use: StoreUse = StoreUse.KNOWN, *, translated: bool = False
    ) -> Iterator[Application]:
        """The application of this configuration; closed at the end. `translated`: labels and
        reports in the language of `--lang`, for commands that write to no sheet.
        """
        config = self.load()
        if translated and self.lang:
            config = config.model_copy(update={"language": self.lang})
        with open_application(config, use) as app:
            yield app

    def spoken(self, app: Application) -> Application:
        """The application with messages in the language of the reader, for printing only."""
        return replace(app, say=self.messages.text)


@functools.cache
def _messages(language: str) -> Messages:
    return Messages(language)


def _value(arguments: Sequence[str], *names: str) -> str | None:
    """The value of an option, the last one if it is there several times."""
    found = None
    for argument, after in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument in names:
            found = after
        for name in names:
            if name.startswith("--") and argument.startswith(f"{name}="):
                found = argument.partition("=")[2]
    return found


config_option = click.option(
    "--config",
    "-c",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The configuration file; without this config.toml here, or $CRM_SYNC_CONFIG.",
)
language_option = click.option(
    "--lang", type=OneOf(LANGUAGES), help="The language of what is printed."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def common(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command `--config` and `--lang`; their values come first, as `settings`."""
    return config_option(spoken(command))


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command that needs no configuration `--lang`, and `settings` first."""

    @language_option
    @click.pass_context
    @functools.wraps(command)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        settings: Settings = ctx.ensure_object(Settings)
        settings.take(kwargs.pop("config", None), kwargs.pop("lang", None))
        settings.as_json = bool(kwargs.get("as_json", False))
        return command(settings, *args, **kwargs)  # type: ignore[arg-type]

    return wrapped
