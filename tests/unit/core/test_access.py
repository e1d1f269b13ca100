"""Who is a stranger to a workbook."""

from __future__ import annotations

import pytest

from crm_sync.core.access import Share, strangers

ANNA = Share("user", "Anna@Company.com", "writer")
GROUP = Share("group", "sales@company.com", "reader")
DOMAIN = Share("domain", "company.com", "reader")
LINK = Share("anyone", "anyone", "reader")
GUEST = Share("user", "x@evil-company.com", "reader")
ALL = (ANNA, GROUP, DOMAIN, LINK, GUEST)


@pytest.mark.parametrize(
    ("allowed", "strange"),
    [
        (None, (LINK,)),
        ((), ALL),
        (("anna@company.com",), (GROUP, DOMAIN, LINK, GUEST)),
        (("@company.com",), (DOMAIN, LINK, GUEST)),
        (("company.com",), (LINK, GUEST)),
        (("anyone",), (ANNA, GROUP, DOMAIN, GUEST)),
        (("COMPANY.com", "anyone", "x@evil-company.com"), ()),
    ],
)
def test_stranger_is_who_no_entry_names(
    allowed: tuple[str, ...] | None, strange: tuple[Share, ...]
) -> None:
    assert strangers(ALL, allowed) == strange
