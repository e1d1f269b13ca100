"""How the demo data is made from the files of the source."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crm_sync.demo_data.convert import Source, convert
from crm_sync.demo_data.phones import international

FILES = {
    "categories": "category_id,category_name\n1,Beverages\n2,Seafood\n",
    "customers": (
        "customer_id,company_name,contact_name,address,city,region,postal_code,country,phone\n"
        "ALFKI,Alfreds Futterkiste,Maria Anders,Obere Str. 57,Berlin,,12209,Germany,030-0074321\n"
        "PARIS,Paris spécialités,Marie,265 Bd,Paris,,75012,France,(1) 42.34.22.66\n"
    ),
    "suppliers": (
        "supplier_id,company_name,contact_name,address,city,region,postal_code,country,phone\n"
        "1,Exotic Liquids,Charlotte Cooper,49 Gilbert St.,London,,EC1 4SD,UK,(171) 555-2222\n"
    ),
    "shippers": (
        "shipper_id,company_name,phone\n1,Speedy Express,(503) 555-9831\n2,DHL,1-800-225-5345\n"
    ),
    "employees": (
        "employee_id,last_name,first_name,country,hire_date,extension,reports_to\n"
        "1,Davolio,Nancy,USA,1992-05-01,5467,2\n"
        "2,Fuller,Andrew,USA,1992-08-14,3457,\n"
        "8,Callahan,Laura,UK,1994-03-05,2344,2\n"
    ),
    "products": (
        "product_id,product_name,category_id\n1,Chai,1\n2,Ikura,2\n3,Chang,1\n4,Konbu,2\n"
    ),
    "orders": (
        "order_id,customer_id,employee_id,order_date,required_date,shipped_date,ship_via\n"
        "10,ALFKI,1,1998-04-01,1998-04-29,1998-05-02,1\n"
        "11,ALFKI,1,1998-05-04,1998-06-01,,1\n"
        "12,ALFKI,8,1998-05-06,1998-06-03,,1\n"
    ),
    "order_details": (
        "order_id,product_id,unit_price,quantity,discount\n"
        "10,1,9.80000019,10,0\n"
        "10,2,34.7999992,3,0.150000006\n"
        "11,1,0.5,1,0.0500000007\n"
        "11,3,1,1,0\n"
        "11,4,1.5,1,0\n"
        "11,2,0.49,1,0\n"
        "12,4,3,1,0\n"
    ),
}


@pytest.fixture
def made(tmp_path: Path) -> dict[str, list[dict[str, str]]]:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    for name, text in FILES.items():
        (source / f"{name}.csv").write_text(text, encoding="utf-8")
    convert(Source(source), target)
    found = {}
    for path in target.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def test_amount_is_the_sum_of_its_lines_without_the_sources_noise(
    made: dict[str, list[dict[str, str]]],
) -> None:
    # 9.80 x 10 + 34.80 x 3 x 0.85 = 186.74; 0.475 + 1 + 1.5 + 0.49 = 3.465, half goes up.
    assert [row["amount"] for row in made["agreements"]] == ["186.74", "3.47", "3"]


def test_group_is_that_of_the_largest_share(made: dict[str, list[dict[str, str]]]) -> None:
    # The second order: 1.475 of beverages, 1.99 of seafood.
    assert [row["product_group"] for row in made["agreements"]] == ["G1", "G2", "G2"]


def test_order_becomes_an_agreement(made: dict[str, list[dict[str, str]]]) -> None:
    assert made["agreements"][1] == {
        "key": "A2",
        "client": "C1",
        "subject": "№ 11: Chai, Chang, Konbu +1",
        "status": "in_progress",
        "obligor": "us",
        "amount": "3.47",
        "currency": "USD",
        "product_group": "G2",
        "campaign": "P1",
        "agreed_at": "1998-05-04",
        "due_date": "1998-06-01",
        "next_call_at": "1998-05-12",
        "fulfilled_at": "",
        "owner": "E1",
    }


def test_discount_decides_the_campaign(made: dict[str, list[dict[str, str]]]) -> None:
    assert [row["campaign"] for row in made["agreements"]] == ["P2", "P1", ""]
    assert [(row["start"], row["end"]) for row in made["campaigns"]] == [
        ("1998-05-04", "1998-05-04"),
        ("1998-04-01", "1998-04-01"),
    ]


def test_orders_and_late_deliveries_become_contacts(
    made: dict[str, list[dict[str, str]]],
) -> None:
    assert [
        (row["agreement"], row["contact_at"], row["reason"], row["next_step_at"])
        for row in made["contacts"]
    ] == [
        ("A1", "1998-04-01 10:10", "order", ""),
        ("A1", "1998-05-02 10:10", "awaiting", ""),
        ("A2", "1998-05-04 10:17", "order", ""),
        ("A3", "1998-05-06 10:24", "order", "1998-05-14 10:00"),
    ]


def test_clients_are_of_three_kinds(made: dict[str, list[dict[str, str]]]) -> None:
    assert [
        (row["key"], row["full_name"], row["kind"], row["status"], row["owner"], row["branch"])
        for row in made["clients"]
    ] == [
        ("C1", "Alfreds Futterkiste", "customer", "waiting", "E8", "B2"),
        ("C2", "Paris spécialités", "customer", "cold", "E8", "B2"),
        ("C3", "Exotic Liquids", "supplier", "served", "E8", "B2"),
        ("C4", "Speedy Express", "partner", "served", "E8", "B2"),
        ("C5", "DHL", "partner", "cold", "E8", "B2"),
    ]
    assert made["clients"][0]["address"] == "Obere Str. 57, 12209, Germany"


def test_superiors_come_before_those_who_report_to_them(
    made: dict[str, list[dict[str, str]]],
) -> None:
    assert [(row["key"], row["manager"]) for row in made["employees"]] == [
        ("E2", ""),
        ("E1", "E2"),
        ("E8", "E2"),
    ]


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("030-0074321", "Germany", "+49300074321"),
        ("(171) 555-2222", "UK", "+442075552222"),
        ("(5) 555-4729", "Mexico", "+525555554729"),
        ("88.60.15.31", "France", "+33388601531"),
        ("(1) 42.34.22.66", "France", "+33142342266"),
        ("1-800-222-0451", "USA", "+18002220451"),
        ("(1) 135-5555", "Argentina", "+541141355555"),
    ],
)
def test_old_number_becomes_the_international_one_of_today(
    number: str, country: str, expected: str
) -> None:
    assert international(number, country) == expected


def test_number_that_cannot_be_dialled_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number of UK"):
        international("12", "UK")
