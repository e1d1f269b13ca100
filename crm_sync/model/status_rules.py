"""Rules of statuses: what may follow, what each asks for (crm-model 2.5, V02, V05, V06)."""

from __future__ import annotations

from collections.abc import Sequence

from crm_sync.core.findings import Finding, Severity
from crm_sync.core.values import N_
from crm_sync.model.facts import Facts, Rule, StatusRule, Values, told


def transition(entity: str) -> Rule:
    """A status is followed by those that it allows."""

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        if not before:
            return ()
        old = facts.status(entity, before.get("status"))
        new = facts.status(entity, values.get("status"))
        if old is None or new is None or old.key == new.key:
            return ()
        if _is_forbidden(old, new, facts.ordered(entity)):
            allowed = [facts.status(entity, key) for key in sorted(old.allowed_next)]
            return told(
                "V06",
                Severity.REJECT,
                ("status",),
                N_("“{old}” cannot become “{new}”."),
                N_("Final: open a new row instead.")
                if old.final
                else N_("After “{old}” comes one of: {allowed}."),
                {
                    "old": old.label,
                    "new": new.label,
                    "allowed": ", ".join(item.label for item in allowed if item),
                },
            )
        return ()

    return rule


def _is_forbidden(old: StatusRule, new: StatusRule, ordered: frozenset[str]) -> bool:
    if old.final or (old.no_back and new.order < old.order):
        return True
    return bool(old.allowed_next) and new.key in ordered - old.allowed_next


def own_key(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """No two statuses of an entity have one key: records would mean either."""
    named = values.get("entity"), values.get("key")
    if before is not None and (before.get("entity"), before.get("key")) == named:
        return ()
    known = facts.status(str(named[0]), named[1])
    if known is None:
        return ()
    return told(
        "V01",
        Severity.REJECT,
        ("key",),
        N_("“{key}” is the key of “{label}” already."),
        N_("Type another key, or leave the cell blank: then it gets one of its own."),
        {"key": known.key, "label": known.label},
    )


def status_needs(entity: str) -> Rule:
    """A status asks for some cells."""

    def rule(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
        status = facts.status(entity, values.get("status"))
        if status is None or not status.required_fields:
            return ()
        return [
            Finding(
                "V02",
                Severity.WARN,
                (name,),
                N_("The status “{status}” asks for this cell."),
                N_("Fill it in."),
                {"status": status.label},
            )
            for name in status.required_fields
            if name in values and values[name] is None
        ]

    return rule


def next_step(values: Values, before: Values | None, facts: Facts) -> Sequence[Finding]:
    """An open agreement says what comes next."""
    status = facts.status("agreement", values.get("status"))
    if status is None or status.type not in ("open", "on_hold"):
        return ()
    if values.get("due_date") is None and values.get("next_call_at") is None:
        return told(
            "V05",
            Severity.WARN,
            ("due_date", "next_call_at"),
            N_("The agreement is open, yet nobody knows what comes next."),
            N_("Fill in the due date or the next call."),
        )
    return ()
