"""Names of one person are told from names of two."""

from __future__ import annotations

import pytest

from crm_sync.core.alike import alike_names


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        (("Иванова Анна Петровна", "Пермь"), ("Анна Петровна Иванова", "Пермь"), True),
        (("Семёнов Пётр", ""), ("Семенов Петр", ""), True),
        (("ООО «Ромашка»", "Пермь"), ("Ромашка, ООО", "пермь"), True),
        (("Кузнецов Сергей", "Омск"), ("Кузнецев Сергей", "Омск"), True),
        (("Кузнецов Сергей", "Омск"), ("Кузнецев Сергей", ""), True),
        (("Кузнецов Сергей", "Омск"), ("Кузнецов Сергей", "Уфа"), False),
        (("Магазин 12", "Омск"), ("Магазин 13", "Омск"), False),
        (("Кузнецов Сергей", "Омск"), ("Соколов Алексей", "Омск"), False),
        (("Ли", ""), ("Ли", ""), False),
        (("", ""), ("", ""), False),
    ],
)
def test_two_names_are_of_one_person_or_not(
    one: tuple[str, str], other: tuple[str, str], is_alike: bool
) -> None:
    assert bool(list(alike_names({"C-1": one, "C-2": other}))) is is_alike


def test_usual_name_tells_nothing_without_the_city() -> None:
    many = {f"C-{number}": ("Иванова Анна", "") for number in range(9)}
    assert list(alike_names(many)) == []
