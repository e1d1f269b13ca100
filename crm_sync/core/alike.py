"""Names that are much alike: one person written twice, in another order or with a slip."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from crm_sync.core.codecs.cleaning import fold

LIKE: Final = 92
"""From this likeness (of 100) on two names may be one."""

_WORD: Final = re.compile(r"\w+")
_FORMS: Final = frozenset(
    {"ооо", "ип", "ао", "зао", "оао", "пао", "нко", "гк", "тд", "ltd", "inc", "llc", "gmbh", "co"}
    | {"corp", "company", "компания", "фирма", "the"}
)
"""Words that a company's name is written with or without."""

_WINDOW: Final = 8
_SHORTEST: Final = 5
_COMMON: Final = 4
"""A name of more records than that is a usual one and tells nothing without the city."""


@dataclass(frozen=True)
class Alike:
    """Two records with names that are alike; `likeness` is 100 for the same words."""

    one: str
    other: str
    likeness: int


def alike_names(names: Mapping[str, tuple[str, str]]) -> Iterator[Alike]:
    """The pairs of records whose names are alike, by id -> (name, city). A pair that lives in two
    cities is none.
    """
    words = {key: _words(name) for key, (name, _) in names.items()}
    cities = {key: fold(city) for key, (_, city) in names.items()}
    same: dict[tuple[str, ...], list[str]] = {}
    for key, found in words.items():
        if sum(map(len, found)) >= _SHORTEST:
            same.setdefault(found, []).append(key)
    for group in same.values():
        yield from _of_one_name(group, cities)
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    # Neighbours in the order of words, and of words from behind: a slip spoils one of the two.
    for order in (sorted(same), sorted(same, key=lambda found: [word[::-1] for word in found])):
        for number, one in enumerate(order):
            for other in order[number + 1 : number + 1 + _WINDOW]:
                pair = (min(one, other), max(one, other))
                if pair not in seen:
                    seen.add(pair)
                    yield from _of_two_names(one, other, same, cities)


def _words(name: str) -> tuple[str, ...]:
    """The words of a name that tell, in the order of the alphabet."""
    found = _WORD.findall(fold(name))
    return tuple(sorted(word for word in found if word not in _FORMS) or sorted(found))


def _of_one_name(group: list[str], cities: Mapping[str, str]) -> Iterator[Alike]:
    usual = len(group) > _COMMON
    by_city: dict[str, list[str]] = {}
    for key in group:
        by_city.setdefault(cities[key], []).append(key)
    for city, keys in by_city.items():
        if usual and (not city or len(keys) > _COMMON):
            continue
        first, *others = keys
        yield from (Alike(first, other, 100) for other in others)
        if city and not usual:
            yield from (Alike(first, other, 100) for other in by_city.get("", ()))


def _of_two_names(
    one: tuple[str, ...],
    other: tuple[str, ...],
    same: Mapping[tuple[str, ...], list[str]],
    cities: Mapping[str, str],
) -> Iterator[Alike]:
    if _digits(one) != _digits(other) or len(same[one]) > 1 or len(same[other]) > 1:
        return
    likeness = fuzz.ratio(" ".join(one), " ".join(other), score_cutoff=LIKE)
    (first,), (second,) = same[one], same[other]
    if likeness and (cities[first] == cities[second] or not (cities[first] and cities[second])):
        yield Alike(first, second, int(likeness))


def _digits(words: Iterable[str]) -> list[str]:
    return [word for word in words if any(sign.isdigit() for sign in word)]
