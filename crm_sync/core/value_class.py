"""Value classes of which a run makes one for each row or cell.

For the type checker they are frozen dataclasses. When the program runs, nothing checks that any
more: setting the fields of a frozen dataclass one by one takes longer than all else that is done
with a cell. With slots they also take a third of the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


def value_class(*, frozen: bool) -> Callable[[type[T]], type[T]]:
    """A dataclass with slots that is compared and hashed by its fields. The type checker is shown
    `dataclass` under this name, so that it holds who uses them to `frozen`.
    """

    def made(cls: type[T]) -> type[T]:
        return dataclass(slots=True, unsafe_hash=frozen)(cls)

    return made
