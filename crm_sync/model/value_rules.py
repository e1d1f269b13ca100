"""Rules of names, ways to reach a client, sums and steps (crm-model 2.5, V01 to V09)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.values import N_
from crm_sync.model.facts import Facts, Rule, Values, moment, told

CHANNELS = ("phone", "email", "messenger")

_NOBODY = frozenset(
    {"нет", "нету", "не знаю", "неизвестно", "неизвестный", "без имени", "нет имени", "н/д"}
    | {"n/a", "none", "unknown", "no name", "tbd", "tbc", "unbekannt"}
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LEGAL_FORMS = frozenset({"ООО", "ОАО", "ЗАО", "АО", "ТОО", "НКО", "АНО", "СНТ", "ТСН", "КХ"})
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z]")
_RUSSIAN = re.compile("[А-Яа-яЁё]")
_TO_RUSSIAN = dict(zip("ABCEHKMOPTXaceopxyk", "АВСЕНКМОРТХасеорхук", strict=True))
_IN_RUSSIAN = str.maketrans(_TO_RUSSIAN)
_TO_LATIN = {russian: latin for latin, russian in _TO_RUSSIAN.items()}


def reachable(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A client can be reached in at least one way."""
    if not (values.get("phone") or values.get("email") or values.get("messenger")):
        return told(
            "V03",
            Severity.REJECT,
            CHANNELS,
            N_("The client can be reached in no way: no phone, e-mail or messenger."),
            N_("Fill in at least one of the three."),
        )
    return ()


def has_letters(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A name has letters in it."""
    name = str(values.get("full_name") or "")
    if name and not any(map(str.isalpha, name)):
        return told(
            "V01",
            Severity.REJECT,
            ("full_name",),
            N_("“{name}” is no name: it has no letters."),
            N_("Type a person's full name or a company's name; a phone has its own column."),
            {"name": name},
        )
    return ()


def says_who(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A name says who it is."""
    name = str(values.get("full_name") or "")
    if name.casefold().strip(" .?!") in _NOBODY:
        return told(
            "V01",
            Severity.WARN,
            ("full_name",),
            N_("“{name}” does not say who it is."),
            N_("Type the name as soon as it is known."),
            {"name": name},
        )
    if "@" in name and _ADDRESS.fullmatch(name):
        return told(
            "V01",
            Severity.WARN,
            ("full_name",),
            N_("“{name}” is an e-mail address."),
            N_("Type the name here; the address has its own column."),
            {"name": name},
        )
    return ()


def legal_form(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """ "OOO Ромашка" with a Latin "OOO" is another firm to every search."""
    name = str(values.get("full_name") or "")
    for word in _WORD.findall(name) if _has_both(name) else ():
        right = word.translate(_IN_RUSSIAN)
        if right in _LEGAL_FORMS and word.isascii():
            return told(
                "V01",
                Severity.WARN,
                ("full_name",),
                N_("“{word}” is in Latin letters: it only looks right, and no search finds it."),
                N_("Type {right} anew with the Russian keyboard layout."),
                {"word": word, "right": right},
            )
    return ()


def _has_both(text: str) -> bool:
    """True for a text with letters of both alphabets."""
    return bool(not text.isascii() and _LATIN.search(text) and _RUSSIAN.search(text))


def one_alphabet(name: str) -> Rule:
    """A Latin "o" in a Russian word looks right and is never found by a search."""

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        text = str(values.get(name) or "")
        if not _has_both(text):
            return ()
        for word in _WORD.findall(text):
            latin, russian = _LATIN.findall(word), _RUSSIAN.findall(word)
            if not latin or not russian:
                continue
            if set(latin) <= set(_TO_RUSSIAN) and len(latin) <= len(russian):
                return _mixed(name, word, latin, word.translate(_IN_RUSSIAN))
            if set(russian) <= set(_TO_LATIN):
                return _mixed(name, word, russian, word.translate(str.maketrans(_TO_LATIN)))
        return ()

    return rule


def _mixed(name: str, word: str, letters: list[str], right: str) -> Sequence[Finding]:
    return told(
        "V01",
        Severity.WARN,
        (name,),
        N_("“{word}” mixes two alphabets: {letters} only looks right, and no search finds it."),
        N_("Type {right} anew with one keyboard layout."),
        {"word": word, "letters": ", ".join(dict.fromkeys(letters)), "right": right},
    )


def own_agreement(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A contact names an agreement of its own client."""
    agreement = str(values.get("agreement") or "")
    other = facts.client_of(agreement) if agreement else ""
    if other and values.get("client") and other != values["client"]:
        return told(
            "V07",
            Severity.REJECT,
            ("agreement", "client"),
            N_("The agreement {agreement} is another client's."),
            N_("Choose an agreement of this client, or correct the client."),
            {"agreement": str(values["agreement"])},
        )
    return ()


def step_has_date(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A next step has a date."""
    if values.get("next_step") and values.get("next_step_at") is None:
        return told(
            "V02",
            Severity.WARN,
            ("next_step_at",),
            N_("The next step has no date, so nobody will be reminded of it."),
            N_("Fill in when it is due."),
        )
    return ()


def quantity_above_zero(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A quantity is above zero."""
    quantity = values.get("quantity")
    if quantity is not None and Decimal(str(quantity)) <= 0:
        return told(
            "V09",
            Severity.REJECT,
            ("quantity",),
            N_("A quantity of {quantity} cannot be."),
            N_("Type a number above zero, or leave the cell empty."),
            {"quantity": str(quantity)},
        )
    return ()


def small_amount(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """An amount below one is more likely a percent."""
    amount = values.get("amount")
    if amount is not None and 0 < abs(Decimal(str(amount))) < 1:
        return told(
            "V09",
            Severity.WARN,
            ("amount",),
            N_("The amount is {amount}. A percent that is typed here becomes such a fraction."),
            N_("Type the amount itself, or accept it if it is right."),
            {"amount": str(amount)},
        )
    return ()


def paid_too_much(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """Not more is paid than was agreed."""
    amount, paid = values.get("amount"), values.get("paid_amount")
    if amount is not None and paid is not None and Decimal(str(paid)) > Decimal(str(amount)) >= 0:
        return told(
            "V09",
            Severity.WARN,
            ("paid_amount",),
            N_("More is paid ({paid}) than was agreed ({amount})."),
            N_("Correct one of the two sums, or accept it if it is right."),
            {"paid": str(paid), "amount": str(amount)},
        )
    return ()


def has_worth(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A sum in another currency has a rate, or it is in no total."""
    currency = str(values.get("currency") or "")
    if not currency or values.get("amount") is None:
        return ()
    stamp = values.get("fulfilled_at") or values.get("agreed_at")
    day = (moment(stamp) or facts.now).date()
    if not facts.has_worth(currency, day):
        return told(
            "V13",
            Severity.WARN,
            ("currency",),
            N_("No rate of {currency} is known for {day}: until there is one, no total counts it."),
            N_(
                "Correct the currency if it is wrong; else ask for the rate to be added to the "
                "list of rates."
            ),
            {"currency": currency, "day": day.isoformat()},
        )
    return ()


def amount_sign(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """A negative amount is a refund and names what it takes back."""
    amount = values.get("amount")
    if amount is not None and Decimal(str(amount)) < 0 and values.get("refund_of") is None:
        return told(
            "V09",
            Severity.REJECT,
            ("amount",),
            N_("An amount below zero is a refund, and a refund names the agreement it belongs to."),
            N_("Fill in “Refund of”, or type the amount without the minus."),
        )
    return ()
