"""`--help` in the reader's language: every paragraph, option and line of a list is a message like
any other, in English where the command is written.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import click

from crm_sync.cli.settings import Settings
from crm_sync.core.values import N_

Say = Callable[[str], str]

AS_IT_IS: Final = "\b\n"
"""Before a paragraph whose lines stay as they are."""

_ADDED: Final = re.compile(r"(?P<text>.*?)(?P<added> *\[(?:default|required|x|.*range|.*<=).*\])?")
_OWN_WORDS: Final = {
    "Options": N_("Options"),
    "Commands": N_("Commands"),
    "Show this message and exit.": N_("Show this message and exit."),
    "Show the version and exit.": N_("Show the version and exit."),
    "default": N_("default"),
    "required": N_("required"),
}
"""What click says by itself."""


class SpokenContext(click.Context):
    """A context that tells help in the language of its settings."""

    def make_formatter(self) -> click.HelpFormatter:
        """The formatter of this context's language."""
        settings = self.find_object(Settings)
        say: Say = settings.messages.text if settings else str
        return _Formatter(say, self.terminal_width, self.max_content_width)


class _Formatter(click.HelpFormatter):
    """Writes help, each text of it translated."""

    def __init__(self, say: Say, width: int | None, max_width: int | None) -> None:
        super().__init__(width=width, max_width=max_width)
        self._say = say

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        super().write_usage(prog, args, prefix or f"{self._say(N_('Usage:'))} ")

    def write_heading(self, heading: str) -> None:
        """The heading of a list."""
        super().write_heading(self._say(heading) if heading in _OWN_WORDS else heading)

    def write_text(self, text: str) -> None:
        """What a command is for."""
        paragraphs = (self._spoken(part) for part in text.split("\n\n"))
        super().write_text("\n\n".join(paragraphs))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """A list of options or commands."""
        super().write_dl([(name, self._line(text)) for name, text in rows], col_max, col_spacing)

    def _spoken(self, paragraph: str) -> str:
        if not paragraph.startswith(AS_IT_IS):
            return self._say(joined(paragraph)) if paragraph.strip() else paragraph
        lines = paragraph.removeprefix(AS_IT_IS).split("\n")
        return AS_IT_IS + "\n".join(self._labelled(line) for line in lines)

    def _labelled(self, line: str) -> str:
        """A line of what stays as it is: words that end with a colon are translated."""
        text, rest = spoken_part(line)
        lead = line[: len(line) - len(line.lstrip())]
        # As long as in English, if it can be: what follows often stands in a column.
        return lead + self._say(text).ljust(len(text) if rest else 0) + rest if text else line

    def _line(self, text: str) -> str:
        found = _ADDED.fullmatch(text)
        if found is None or not found["text"]:
            return text
        added = found["added"] or ""
        for word in ("default", "required"):
            added = added.replace(word, self._say(word))
        return self._say(found["text"]) + added


def joined(paragraph: str) -> str:
    """A paragraph in one line, as it is translated."""
    return " ".join(paragraph.split())


def spoken_part(line: str) -> tuple[str, str]:
    """What is translated of a line that stays as it is, and what follows: of "Example:  crm-sync"
    the word before the command, of a command alone nothing.
    """
    text = line.strip()
    label, sign, rest = text.partition(":")
    if text.startswith("crm-sync "):
        return "", ""
    return (f"{label}:", rest) if sign and "crm-sync " in rest else (text, "")


def spoken_texts(command: click.Command, path: str = "crm-sync") -> Iterator[tuple[str, str]]:
    """Every text of the help of a command and of those under it, with the command that says it."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith(AS_IT_IS):
            for line in paragraph.removeprefix(AS_IT_IS).split("\n"):
                text, _ = spoken_part(line)
                if text:
                    yield text, path
        else:
            yield joined(paragraph), path
    for item in command.params:
        if isinstance(item, click.Option) and item.help and not item.hidden:
            found = _ADDED.fullmatch(joined(item.help))
            yield (found["text"] if found else item.help), path
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield inner.get_short_help_str(limit=1000), f"{path} {name}"
        yield from spoken_texts(inner, f"{path} {name}")
