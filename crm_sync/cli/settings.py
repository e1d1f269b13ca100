"""What every command shares: where the configuration is, in which language to speak, where to."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from rich.console import Console

from crm_sync.config import Config, load_config, spoken_language
from crm_sync.messages import Messages
from crm_sync.services.application import Application
from crm_sync.wiring import open_application

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Settings:
    """The options that every command takes. Results go to stdout, everything else to stderr."""

    config: Path | None = None
    lang: str | None = None
    as_json: bool = False

    @property
    def config_file(self) -> Path:
        """The configuration's file: `--config`, else CRM_SYNC_CONFIG, else config.toml here."""
        return self.config or Path(os.environ.get("CRM_SYNC_CONFIG", "config.toml"))

    @property
    def messages(self) -> Messages:
        """The words: `--lang`, else the configuration's language, else English."""
        return Messages(self.lang or spoken_language(self.config_file))

    @property
    def out(self) -> Console:
        """For results. Colours only on a terminal; as wide as the terminal."""
        return Console(highlight=False, soft_wrap=not sys.stdout.isatty())

    @property
    def err(self) -> Console:
        """For progress and errors."""
        return Console(stderr=True, highlight=False)

    def load(self) -> Config:
        """The configuration, in the chosen language. Raises ConfigError."""
        config = load_config(self.config_file)
        return config.model_copy(update={"language": self.lang}) if self.lang else config

    @contextmanager
    def application(self) -> Iterator[Application]:
        """The application of this configuration; closed at the end."""
        with open_application(self.load()) as app:
            yield app


def common(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command `--config` and `--lang`; their values come first, as `settings`."""

    @click.option(
        "--config",
        "-c",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The configuration file. [default: config.toml here, or $CRM_SYNC_CONFIG]",
    )
    @click.option("--lang", type=click.Choice(["en", "ru"]), help="Language of what is printed.")
    @click.pass_context
    @functools.wraps(command)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        settings: Settings = ctx.ensure_object(Settings)
        config, lang = kwargs.pop("config", None), kwargs.pop("lang", None)
        settings.config = config if isinstance(config, Path) else settings.config
        settings.lang = lang if isinstance(lang, str) else settings.lang
        settings.as_json = bool(kwargs.get("as_json", False))
        return command(settings, *args, **kwargs)  # type: ignore[arg-type]

    return wrapped


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
