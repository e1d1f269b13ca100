"""Where results and errors are printed: on a terminal in its width and in colour, elsewhere plain,
one thing a line.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crm_sync.cli.listing import Listing

NO_LIMIT = 1_000_000
"""The width of what is no terminal: a program that reads wants each thing on one line."""
WIDEST_RULE = 100

# Whatever stands in a sheet may be printed, but must not steer the terminal: control characters,
# and those that turn the direction of writing around.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class OutputLost(Exception):
    """What was to be printed could not be; the argument says why."""


class _PlainConsole(Console):
    """A console that leaves a closed pipe to the caller."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


class Screen:
    """One stream for people: stdout for results, stderr for progress and errors. All text is shown
    as it is: no markup is read in it.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        self.is_terminal = stream is not None and _PlainConsole(file=stream).is_terminal
        self._console = _PlainConsole(
            stderr=stderr,
            highlight=False,
            markup=False,
            emoji=False,
            width=None if self.is_terminal else NO_LIMIT,
        )

    @property
    def width(self) -> int:
        """Columns that there is room for."""
        return self._console.width

    @property
    def is_coloured(self) -> bool:
        """True if what is printed in colours is seen in colours."""
        console = self._console
        return self.is_terminal and console.color_system is not None and not console.no_color

    def line(
        self,
        text: str | Text,
        style: str = "",
        *,
        mark: tuple[str, str] = ("", ""),
        indent: int = 0,
        keep: bool = False,
    ) -> None:
        """A text, on a terminal in as many lines as it needs, those after the first set in below
        it. `mark` (text, style) stands before it. `keep`: in one piece, to be copied.
        """
        shown = Text(clean(text), style) if isinstance(text, str) else text
        sign, sign_style = mark
        first = Text(" " * indent).append(sign, sign_style).append(" " if sign else "")
        with self._writing():
            if keep or not self.is_terminal:
                self._console.print(first + shown, soft_wrap=True)
                return
            room = max(self.width - first.cell_len, 20)
            for number, part in enumerate(shown.wrap(self._console, room)):
                part.rstrip()
                before = first if number == 0 else Text(" " * first.cell_len)
                self._console.print(before + part, soft_wrap=True)

    def gap(self) -> None:
        """A blank line."""
        with self._writing():
            self._console.print()

    def rule(self) -> None:
        """A line across, between the parts of something long."""
        sign = "─" if self._console.encoding.startswith("utf") else "-"
        self.line(sign * min(self.width, WIDEST_RULE), "dim", keep=True)

    def table(self, shown: Listing, room: int | None = None) -> None:
        """A table in the width of the screen, or in so many columns of it."""
        plain = room is None or room >= self.width
        if not self.is_terminal and plain and self._console.encoding.startswith("utf"):
            lines = shown.lines()
            if lines is not None:
                with self._writing():
                    for row in lines:
                        self._console.out(row, highlight=False)
                return
        for part in shown.fitted(min(room or self.width, self.width)):
            self.block(part)

    def block(self, shown: Table | Text) -> None:
        """A ready part of a table, without the blanks at the ends of its lines."""
        with self._writing():
            with self._console.capture() as captured:
                self._console.print(shown)
            for row in captured.get().splitlines():
                self._console.out(row.rstrip(), highlight=False)

    def json(self, value: object) -> None:
        """A value for programs, readable whatever the stream's encoding."""
        is_unicode = self._console.encoding.startswith("utf")
        text = json.dumps(value, ensure_ascii=not is_unicode, indent=2)
        with self._writing():
            self._console.out(text, highlight=False)

    @contextmanager
    def working(self, text: str) -> Iterator[Callable[[str], None]]:
        """Shows that work is going on, while inside; nothing where nobody watches. What is yielded
        puts another text there.
        """
        if not self.is_terminal or self._console.is_dumb_terminal:
            yield lambda text: None
            return
        with self._console.status(Text(clean(text)), spinner="line") as status:
            yield lambda text: status.update(Text(clean(text)))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as exc:
            raise OutputLost(exc.strerror or type(exc).__name__) from exc


def clean(text: str) -> str:
    """The text with a sign in the place of each character that would steer a terminal."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", " "))


def cell(text: str, style: str = "") -> Text:
    """A text as a table takes it."""
    return Text(clean(text), style)


def listing(*headings: str) -> Listing:
    """An empty table with these headings."""
    return Listing(*(cell(heading) for heading in headings))
