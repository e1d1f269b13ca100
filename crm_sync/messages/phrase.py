"""A template with its facts: what is to be said, before a language is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Phrase:
    """A template and what fills it; a fact may be a phrase or phrases too. `str()` is English."""

    template: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.template, self.facts)


@dataclass(frozen=True)
class Phrases:
    """Several phrases, each on a line of its own (or with another separator between them)."""

    items: tuple[Phrase, ...]
    separator: str = "\n"

    def __str__(self) -> str:
        return self.separator.join(str(item) for item in self.items)


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def fill(template: str, facts: Mapping[str, object]) -> str:
    """The template with its placeholders filled. A fact that is missing shows as `{name}`, and a
    template that cannot be filled comes back as it is: a poor message is better than none.
    """
    try:
        return template.format_map(_Facts(facts))
    except (ValueError, LookupError, AttributeError, TypeError):
        return template
