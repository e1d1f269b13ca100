"""Questions to a person: on stderr, each with an answer that Enter gives."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from crm_sync.cli.settings import Settings
from crm_sync.cli.usage import Usage
from crm_sync.core.values import N_
from crm_sync.messages.faults import Wrong

T = TypeVar("T")


@dataclass(frozen=True)
class Asker:
    """Asks, or, where nobody is to be asked, takes what Enter would give."""

    settings: Settings
    silent: bool = False

    def value(
        self, question: str, usual: str, check: Callable[[str], T], given: str | None = None
    ) -> T:
        """An answer that the check takes. What was `given` with the command is not asked for.
        Raises Usage if that will not do, or if there is no more input.
        """
        if given is not None or self.silent:
            try:
                return check(usual if given is None else given)
            except Wrong as exc:
                hint = N_("crm-sync init --help lists the options.")
                raise Usage(N_("{what}"), hint, what=exc.phrase) from exc
        while True:
            typed = self._line(f"{question} [{usual}]: " if usual else f"{question}: ") or usual
            try:
                return check(typed)
            except Wrong as exc:
                self.settings.err.line(self.settings.messages.say(exc.phrase), "yellow")

    def agrees(self, question: str, *, usual: bool = True) -> bool:
        """Yes or no; no where nobody is to be asked."""
        if self.silent:
            return False
        say = self.settings.messages.text
        choices = say(N_("Y/n")) if usual else say(N_("y/N"))
        typed = self._line(f"{question} [{choices}]: ").casefold()
        if not typed:
            return usual
        return typed[0] in ("y", "д")

    def told(self, text: str) -> None:
        """Says something on the way."""
        if not self.silent:
            self.settings.err.line(text)

    def _line(self, prompt: str) -> str:
        sys.stderr.write(prompt)
        sys.stderr.flush()
        typed = sys.stdin.readline() if sys.stdin else ""
        if not typed:
            sys.stderr.write("\n")
            raise Usage(
                N_("There is nobody to answer."),
                N_("crm-sync init --yes asks nothing; crm-sync init --help lists its options."),
            )
        return typed.strip()
