"""Clients as staff type them: what every benchmark fills its workbook with."""

from __future__ import annotations

FIELDS = (
    *("full_name", "contact_person", "phone", "email", "address", "city", "status", "source"),
    "note",
)
"""The fields that staff fill; five more are filled by crm-sync."""


def typed_client(number: int) -> dict[str, str]:
    """One client, by field."""
    return {
        "full_name": f"Клиент {number}",
        "phone": f"+7912{number:07d}",
        "email": f"client{number}@example.org",
        "address": f"ул. Ленина, {number}",
        "city": "Пермь",
        "status": "Обслужен",
        "note": f"заметка {number}",
        "contact_person": f"Иванова Анна {number}",
        "source": "Сайт",
    }
