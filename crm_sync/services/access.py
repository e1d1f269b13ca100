"""Who may open each workbook, against the list of those who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_sync.core.access import ANYONE, Share, strangers
from crm_sync.core.values import N_
from crm_sync.errors import AccessError, OpenToStrangers, UserError
from crm_sync.messages import Phrase
from crm_sync.ports import Workbook
from crm_sync.services.application import AccessRule, Application
from crm_sync.services.setup import known_binding

MOST_NAMED = 5
"""How many strangers a message names."""


@dataclass(frozen=True)
class Audited:
    """Who may open one workbook, and who of them is a stranger. `made` is False for a local one
    that there is not yet; `error` is what kept us from asking.
    """

    workbook: str
    shares: tuple[Share, ...] = ()
    strangers: tuple[Share, ...] = ()
    made: bool = True
    error: UserError | None = None


def check_access(app: Application, name: str, workbook: Workbook) -> None:
    """Raises OpenToStrangers if somebody may open the workbook who must not. Asks only where there
    is something to compare: one request.
    """
    rule = app.bound[name].access
    if rule is None:
        return
    shares = _told_shares(name, workbook, rule)
    found = strangers(shares, rule.allow)
    if not found:
        return
    if any(share.kind == ANYONE for share in found):
        raise OpenToStrangers(
            N_("Everyone who has the link may open the workbook “{name}”. Nothing was written."),
            N_(
                "In the workbook: Share, General access, Restricted. Then crm-sync audit access"
                " shows who is left."
            ),
            name=name,
        )
    raise OpenToStrangers(
        N_(
            "Somebody may open the workbook “{name}” who is not in allow of config.toml: {who}."
            " Nothing was written."
        ),
        N_(
            "Take it from them in the workbook (Share), or add them to allow in [access];"
            " crm-sync audit access shows all."
        ),
        name=name,
        who=_named(found),
    )


def _told_shares(name: str, workbook: Workbook, rule: AccessRule) -> tuple[Share, ...]:
    """Who may open the workbook. Where Google does not say so, since its editors may not share it,
    a list of those who may cannot be kept to, and nothing is written.
    """
    try:
        return workbook.shares()
    except AccessError as exc:
        if workbook.rights().share:
            raise
        if rule.allow is None:
            return ()
        raise OpenToStrangers(
            N_("Google does not say who may open the workbook “{name}”. Nothing was written."),
            N_(
                "Its editors may not share it. In the workbook: Share, the cog, let editors change"
                " permissions; or look who is there by hand, and take allow out of [access]."
            ),
            name=name,
        ) from exc


def audit(app: Application, names: Sequence[str]) -> tuple[Audited, ...]:
    """Who may open these workbooks. What is wrong with one does not hold up the others."""
    return tuple(_audited(app, name) for name in names)


def _audited(app: Application, name: str) -> Audited:
    try:
        known = known_binding(app, name)
        spreadsheet_id = known.spreadsheet_id if known else app.bound[name].spreadsheet_id
        if not spreadsheet_id:
            return Audited(name, made=False)
        shares = app.workbooks.open(name, spreadsheet_id).shares()
    except UserError as exc:
        return Audited(name, error=exc)
    rule = app.bound[name].access
    return Audited(name, shares, strangers(shares, rule.allow if rule else None))


def _named(found: Sequence[Share]) -> Phrase | str:
    names = ", ".join(share.who for share in found[:MOST_NAMED])
    more = len(found) - MOST_NAMED
    return (
        Phrase(N_("{names} and {more} more"), {"names": names, "more": more}) if more > 0 else names
    )
