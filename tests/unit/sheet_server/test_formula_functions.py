"""What formulas give, by family of functions. `R` marks what Google was seen to answer."""

import pytest

from crm_sync.sheet_server.formatting import ErrorType, ErrorValue
from crm_sync.sheet_server.formula import functions
from tests.unit.sheet_server.formula_grid import evaluate, new_workbook, put, result

DIV, VALUE, REF, NAME, NUM, NA, ERROR = (
    ErrorType.DIVIDE_BY_ZERO,
    ErrorType.VALUE,
    ErrorType.REF,
    ErrorType.NAME,
    ErrorType.NUM,
    ErrorType.N_A,
    ErrorType.ERROR,
)

# The sheet that the formulas read: a list of sales with a heading, and some odd cells in H.
CELLS = {
    "A1": "Client", "B1": "Sum", "C1": "Status", "D1": "Date",
    "A2": "Anna", "B2": 100, "C2": "paid", "D2": 45292,
    "A3": "Boris", "B3": 250.5, "C3": "open", "D3": 45323,
    "A4": "anna", "B4": 50, "C4": "Paid", "D4": 45352,
    "A5": "Clara", "B5": -20, "C5": "void", "D5": 45383,
    "A6": "Dmitri*", "B6": 0, "D6": 45413,
    "H1": True, "H2": "5", "H3": "", "H4": ErrorValue(ErrorType.N_A, "gone"), "H6": 7,
    "J1": 10, "J2": 20, "J3": 30, "J4": 40,
    "K1": "a", "K2": "b", "K3": "c", "K4": "d",
}  # fmt: skip


@pytest.fixture(scope="module")
def sheet():
    workbook = new_workbook()
    for name, value in CELLS.items():
        put(workbook, name, value, number_format={"type": "DATE"} if name[0] == "D" else None)
    return workbook


OPERATORS = [
    ("= 1 / 1024", 0.0009765625),  # R
    ("=3/2", 1.5),  # R
    ("=4/2", 2),  # R
    ("=1+2*3", 7),
    ("=(1+2)*3", 9),
    ("=2^3^2", 64),
    ("=-2^2", 4),
    ("=2^-1", 0.5),
    ("=10%", 0.1),
    ("=50%*4", 2),
    ("=--3", 3),
    ("=+A2", "Anna"),
    ('="a"&1&TRUE', "a1TRUE"),
    ('="x"&1/3', "x0.333333333333333"),
    ('="x"&1E20', "x1E+20"),
    ('="5"+1', 6),
    ('="1/1/2020"+1', 43832),
    ("=TRUE+1", 2),
    ("=Z99+1", REF),
    ("=L99+1", 1),
    ("=1=1", True),
    ('="a"="A"', True),
    ('="a"<"b"', True),
    ('=1<"a"', True),
    ('="a"<TRUE', True),
    ("=2<>2", False),
    ('=L99=""', True),  # R
    ("=L99=0", True),  # R
    ("=L99=FALSE", True),
    ("=0.1+0.2", 0.30000000000000004),
    ("=1/0", DIV),  # R
    ("=0^-1", DIV),
    ("=(-1)^0.5", NUM),
    ("=1E308*10", NUM),
    ('="a"+1', VALUE),  # R
    ('=""+1', VALUE),
    ("=H4+1", NA),
    ("=1+", ERROR),
    ("=A1:Z1 A30:Z30", ERROR),  # R
    ("=(1", ERROR),
    ("=1 2", ERROR),
    ("=#REF!+1", REF),
    ("=Nope!A1", REF),
    ("=unknown_name", NAME),
    ("=NotARealFunction()", NAME),  # R
    ("=Sheet1!B2", 100),
    ("='Sheet1'!$B$2", 100),
    ("=B3:B3", 250.5),
    ("=TRUE", True),
    ("=false", False),
    ("=1.5e2", 150),
    ('="say ""hi"""', 'say "hi"'),
]

ARITHMETIC = [
    ("=SUM(B2:B6)", 380.5),
    ("=SUM(B:B)", 380.5),
    ("=SUM(B2:B)", 380.5),
    ("=SUM(2:2)", 45412),
    ("=SUM(B2:B6, 1, 2)", 383.5),
    ("=SUM(H1:H3)", 0),
    ("=SUM(H2)", 0),
    ('=SUM("5", TRUE)', 6),
    ('=SUM("x")', VALUE),
    ("=SUM(H1:H6)", NA),
    ("=SUM()", NA),
    ("=PRODUCT(2,3,4)", 24),
    ("=PRODUCT(L1:L3)", 0),
    ("=SUMPRODUCT(J1:J4)", 100),
    ("=SUMPRODUCT(J1:J2,J3:J4)", 1100),
    ('=SUMPRODUCT((C2:C6="paid")*B2:B6)', 150),
    ("=SUMPRODUCT(J1:J2,J1:J3)", VALUE),
    ("=ROUND(2.345,2)", 2.35),
    ("=ROUND(-2.5)", -3),
    ("=ROUND(1250,-2)", 1300),
    ("=ROUNDUP(2.001,2)", 2.01),
    ("=ROUNDUP(-2.1)", -3),
    ("=ROUNDDOWN(2.999,2)", 2.99),
    ("=ROUNDDOWN(-2.9)", -2),
    ("=TRUNC(-2.9)", -2),
    ("=INT(-2.1)", -3),
    ("=INT(2.9)", 2),
    ("=MOD(7,3)", 1),
    ("=MOD(-7,3)", 2),
    ("=MOD(7,-3)", -2),
    ("=MOD(1,0)", DIV),
    ("=QUOTIENT(-7,2)", -3),
    ("=ABS(-3.5)", 3.5),
    ("=SIGN(-3)", -1),
    ("=SQRT(16)", 4),
    ("=SQRT(-1)", NUM),  # R
    ("=POWER(2,10)", 1024),
    ("=EXP(0)", 1),
    ("=LN(1)", 0),
    ("=LOG(100)", 2),
    ("=LOG(8,2)", 3),
    ("=LOG10(1000)", 3),
    ("=LOG(0)", NUM),
    ("=CEILING(2.1)", 3),
    ("=CEILING(7,5)", 10),
    ("=FLOOR(2.9)", 2),
    ("=FLOOR(0.37,0.1)", 0.3),
    ("=ROUND(PI(),4)", 3.1416),
]

STATISTICS = [
    ("=COUNT(B1:B6)", 5),
    ("=COUNT(A:D)", 10),
    ('=COUNT(1,"2","x",TRUE)', 3),
    ("=COUNTA(A1:A6)", 6),
    ("=COUNTA(A:A)", 6),
    ("=COUNTA(H1:H6)", 5),
    ("=COUNTBLANK(C1:C6)", 1),
    ("=COUNTBLANK(H1:H6)", 2),
    ("=COUNTBLANK(A1:A10)", 4),
    ("=COUNTUNIQUE(K1:K4,K1:K2)", 4),
    ("=AVERAGE(J1:J4)", 25),
    ("=AVERAGE(L1:L3)", DIV),
    ("=MIN(B2:B6)", -20),
    ("=MAX(B2:B6)", 250.5),
    ("=MAX(L1:L3)", 0),
    ("=MEDIAN(J1:J4)", 25),
    ("=MEDIAN(B2:B6)", 50),
    ("=MEDIAN(L1:L3)", NUM),
    ("=MODE(1,2,2,3)", 2),
    ("=MODE(1,2)", NA),
    ("=LARGE(J1:J4,2)", 30),
    ("=SMALL(J1:J4,1)", 10),
    ("=LARGE(J1:J4,9)", NUM),
    ("=RANK(30,J1:J4)", 2),
    ("=RANK(30,J1:J4,TRUE)", 3),
    ("=RANK(31,J1:J4)", NA),
    ("=VAR(1,2,3)", 1),
    ("=STDEV(1,2,3)", 1),
    ("=STDEV(1)", DIV),
]

CONDITIONAL = [
    ('=COUNTIF(C2:C6,"paid")', 2),
    ('=COUNTIF(C:C,"p*")', 2),
    ('=COUNTIF(C:C,"?pen")', 1),
    ('=COUNTIF(A:A,"*~*")', 1),
    ('=COUNTIF(B2:B6,">0")', 3),
    ('=COUNTIF(B2:B6,">=0")', 4),
    ('=COUNTIF(B2:B6,"<>0")', 4),
    ("=COUNTIF(B2:B6,0)", 1),
    ('=COUNTIF(B2:B6,"0")', 1),
    ('=COUNTIF(C2:C6,"")', 1),
    ('=COUNTIF(C2:C6,"<>")', 4),
    ('=COUNTIF(C2:C6,"<>paid")', 3),
    ("=COUNTIF(H1:H6,TRUE)", 1),
    ('=COUNTIF(D2:D6,">=2/1/2024")', 4),
    ('=COUNTIF(B2:B6,"<"&60)', 3),
    ('=COUNTIF(A2:A6,">b")', 3),
    ('=COUNTIFS(C2:C6,"paid",B2:B6,">60")', 1),
    ('=COUNTIFS(C2:C6,"paid",B2:B5,">60")', VALUE),
    ('=SUMIF(C2:C6,"paid",B2:B6)', 150),
    ('=SUMIF(B2:B6,">60")', 350.5),
    ('=SUMIF(C:C,"paid",B:B)', 150),
    ("=SUMIF(A2:A6,A2,B2:B6)", 150),
    ('=SUMIFS(B2:B6,C2:C6,"paid",A2:A6,"Anna",B2:B6,">60")', 100),
    ('=SUMIFS(B2:B6,C2:C6,"nothing")', 0),
    ('=SUMIFS(B2:B6,C2:C6,"paid",A2:A6)', NA),
    ('=COUNTIFS(C2:C6,"paid",A2:A6)', NA),
    ('=AVERAGEIF(C2:C6,"paid",B2:B6)', 75),
    ('=AVERAGEIF(C2:C6,"nothing",B2:B6)', DIV),
    ('=AVERAGEIFS(B2:B6,C2:C6,"paid")', 75),
    ('=MAXIFS(B2:B6,C2:C6,"paid")', 100),
    ('=MINIFS(B2:B6,C2:C6,"paid")', 50),
]

LOGIC = [
    ("=IF(TRUE,1,2)", 1),
    ("=IF(0,1,2)", 2),
    ("=IF(FALSE,1)", False),
    ("=IF(TRUE,1,1/0)", 1),
    ("=IF(FALSE,1/0,2)", 2),
    ("=IF(1/0,1,2)", DIV),
    ('=IF("x",1,2)', VALUE),
    ("=IF(,,)", None),  # R
    ("=IF(L99,1,2)", 2),
    ("=IFS(FALSE,1,TRUE,2)", 2),
    ("=IFS(FALSE,1)", NA),
    ("=IFS(TRUE)", NA),
    ('=IFERROR(1/0,"bad")', "bad"),
    ("=IFERROR(1/0)", None),
    ("=IFERROR(5,1/0)", 5),
    ('=IFNA(NA(),"none")', "none"),
    ("=IFNA(1/0,0)", DIV),
    ("=AND(TRUE,1,J1:J4)", True),
    ("=AND(TRUE,0)", False),
    ("=OR(FALSE,0)", False),
    ("=OR(J1:J4)", True),
    ("=XOR(TRUE,TRUE)", False),
    ("=NOT(0)", True),
    ('=SWITCH(2,1,"a",2,"b")', "b"),
    ('=SWITCH(9,1,"a","other")', "other"),
    ('=SWITCH(9,1,"a",2,"b")', NA),
    ('=CHOOSE(2,"a","b",1/0)', "b"),
    ('=CHOOSE(4,"a","b")', NUM),
    ("=TRUE()", True),
    ("=FALSE()", False),
]

INFORMATION = [
    ("=ISBLANK(L99)", True),  # R
    ("=ISBLANK(IF(,,))", True),  # R
    ("=ISBLANK(H3)", False),  # R
    ("=ISTEXT(H3)", True),  # R
    ("=ISTEXT(IF(,,))", False),  # R
    ("=ISNUMBER(B2)", True),
    ("=ISNUMBER(H2)", False),
    ("=ISNONTEXT(B2)", True),
    ("=ISLOGICAL(H1)", True),
    ("=ISERROR(H4)", True),
    ("=ISERROR(1)", False),
    ("=ISERR(H4)", False),
    ("=ISNA(H4)", True),
    ("=ISEVEN(4)", True),
    ("=ISODD(4)", False),
    ('=ISEMAIL("a@b.co")', True),
    ('=ISURL("https://example.com")', True),
    ("=N(TRUE)", 1),
    ('=N("x")', 0),
    ('=T("x")', "x"),
    ("=T(1)", ""),
    ("=TYPE(L99)", 1),  # R
    ('=TYPE("x")', 2),
    ("=TYPE(TRUE)", 4),
    ("=TYPE(1/0)", 16),
    ("=TYPE(A1:B2)", 64),
    ("=NA()", NA),  # R
]

TEXTS = [
    ('=CONCATENATE("a",1,TRUE)', "a1TRUE"),
    ("=CONCATENATE(K1:K4)", "abcd"),
    ('=CONCAT("a","b")', "ab"),
    ('=JOIN("-",K1:K4)', "a-b-c-d"),
    ('=TEXTJOIN(", ",TRUE,K1:K4,L1:L2,"e")', "a, b, c, d, e"),
    ('=TEXTJOIN(",",FALSE,K1:K2,L1)', "a,b,"),
    ('=LEFT("word")', "w"),
    ('=LEFT("word",2)', "wo"),
    ('=LEFT("word",9)', "word"),
    ('=LEFT("word",-1)', VALUE),
    ('=RIGHT("word",2)', "rd"),
    ('=RIGHT("word",0)', ""),
    ('=MID("word",2,2)', "or"),
    ('=MID("word",9,2)', ""),
    ('=MID("word",0,2)', NUM),
    ('=LEN("привет")', 6),
    ("=LEN(12.5)", 4),
    ("=LEN(L99)", 0),
    ('=TRIM("  a   b  ")', "a b"),
    ('=UPPER("мир")', "МИР"),
    ('=LOWER("МИР")', "мир"),
    ('=PROPER("anna-maria o\'NEIL")', "Anna-Maria O'Neil"),
    ('=SUBSTITUTE("a.b.c",".","-")', "a-b-c"),
    ('=SUBSTITUTE("a.b.c",".","-",2)', "a.b-c"),
    ('=SUBSTITUTE("abc","x","-",2)', "abc"),
    ('=REPLACE("abcdef",2,3,"X")', "aXef"),
    ('=FIND("b","abcb")', 2),
    ('=FIND("b","abcb",3)', 4),
    ('=FIND("B","abc")', VALUE),
    ('=SEARCH("B","abc")', 2),
    ('=SEARCH("b*d","abcd")', 2),
    ('=SEARCH("x","abc")', VALUE),
    ('=REPT("ab",3)', "ababab"),
    ('=EXACT("a","A")', False),
    ("=CHAR(65)", "A"),
    ('=CODE("A")', 65),
    ('=CLEAN("a"&CHAR(10)&"b")', "ab"),
    ('=VALUE("1,234.5")', 1234.5),
    ('=VALUE("12/31/2024")', 45657),
    ('=VALUE("x")', VALUE),
    ('=TEXT(45657,"dd.mm.yyyy")', "31.12.2024"),
    ('=TEXT(1234.5,"#,##0.00")', "1,234.50"),
    ('=TEXT(0.5,"0%")', "50%"),
    ('=TEXT("x","0")', "x"),
    ('=TEXT(45657,"dddd")', "Tuesday"),
    ("=TO_TEXT(1.5)", "1.5"),
    ('=REGEXMATCH("abc123","\\d+")', True),
    ('=REGEXEXTRACT("abc123","[0-9]+")', "123"),
    ('=REGEXREPLACE("a1b2","(\\d)","<$1>")', "a<1>b<2>"),
    ('=REGEXMATCH("abc","(")', REF),
]

DATES = [
    ("=TODAY()", 46349),
    ("=NOW()", 46349.5),
    ("=DATE(2023,3,19)", 45004),  # R
    ("=DATE(2023,14,1)", 45323),
    ("=DATE(2024,2,30)", 45352),
    ("=DATE(99,1,1)", 36161),
    ("=DATE(99999,1,1)", NUM),
    ("=TIME(12,30,0)", 0.5208333333333334),
    ("=TIME(25,0,0)", 0.041666666666666664),
    ("=YEAR(45657)", 2024),
    ("=MONTH(45657)", 12),
    ("=DAY(45657)", 31),
    ("=HOUR(0.75)", 18),
    ("=MINUTE(0.7753)", 36),
    ("=SECOND(0.5001)", 9),
    ("=WEEKDAY(45657)", 3),
    ("=WEEKDAY(45657,2)", 2),
    ("=WEEKDAY(45657,3)", 1),
    ("=WEEKDAY(45657,4)", NUM),
    ("=WEEKNUM(45292)", 1),
    ("=ISOWEEKNUM(45657)", 1),
    ("=EDATE(45322,1)", 45351),
    ("=EDATE(45322,-2)", 45260),
    ("=EOMONTH(45292,0)", 45322),
    ("=EOMONTH(45292,1)", 45351),
    ("=DAYS(45657,45292)", 365),
    ('=DATEDIF("1/15/2020","3/14/2021","Y")', 1),
    ('=DATEDIF("1/15/2020","3/14/2021","M")', 13),
    ('=DATEDIF("1/15/2020","3/14/2021","D")', 424),
    ('=DATEDIF("1/15/2020","3/14/2021","YM")', 1),
    ('=DATEDIF("1/15/2020","3/14/2021","MD")', 27),
    ('=DATEDIF("1/15/2020","3/14/2021","YD")', 58),
    ('=DATEDIF("1/2/2020","1/1/2020","D")', NUM),
    ('=DATEVALUE("12/31/2024")', 45657),
    ('=DATEVALUE("soon")', VALUE),
    ('=TIMEVALUE("18:00")', 0.75),
    ("=NETWORKDAYS(45292,45298)", 5),
    ("=D3-D2", 31),
]

LOOKUPS = [
    ('=VLOOKUP("Boris",A2:D6,2,FALSE)', 250.5),
    ('=VLOOKUP("BORIS",A:D,3,FALSE)', "open"),
    ('=VLOOKUP("B*",A:D,2,FALSE)', 250.5),
    ('=VLOOKUP("Dmitri~*",A:D,2,FALSE)', NA),
    ('=VLOOKUP("nope", B1:B1, 1, FALSE)', NA),  # R
    ('=VLOOKUP("Boris",A2:D6,9,FALSE)', REF),
    ('=VLOOKUP("Boris",A2:D6,0,FALSE)', VALUE),
    ("=VLOOKUP(25,J1:K4,2)", "b"),
    ("=VLOOKUP(40,J1:K4,2)", "d"),
    ("=VLOOKUP(5,J1:K4,2)", NA),
    ('=HLOOKUP("Sum",A1:D6,3,FALSE)', 250.5),
    ('=MATCH("c",K1:K4,0)', 3),
    ("=MATCH(25,J1:J4)", 2),
    ("=MATCH(25,J1:J4,1)", 2),
    ("=MATCH(100,A2:D2,0)", 2),
    ("=MATCH(1,A1:B2,0)", NA),
    ("=MATCH(35,{40,30,20},-1)", 1),
    ("=INDEX(A1:D6,3,2)", 250.5),
    ("=INDEX(J1:J4,2)", 20),
    ("=INDEX(A2:D2,3)", "paid"),
    ("=INDEX(J1:J4,9)", NUM),
    ('=INDEX(B:B,MATCH("Clara",A:A,0))', -20),
    ('=XLOOKUP("c",K1:K4,J1:J4)', 30),
    ('=XLOOKUP("z",K1:K4,J1:J4)', NA),
    ('=XLOOKUP("z",K1:K4,J1:J4,"none")', "none"),
    ("=XLOOKUP(25,J1:J4,K1:K4,0,-1)", "b"),
    ("=XLOOKUP(25,J1:J4,K1:K4,0,1)", "c"),
    ('=XLOOKUP("b*",A2:A6,B2:B6,0,2)', 250.5),
    ('=XLOOKUP("anna",A2:A6,B2:B6,0,0,-1)', 50),
    ("=ROW()", 100),
    ("=COLUMN()", 12),
    ("=ROW(C7)", 7),
    ("=COLUMN(C7)", 3),
    ("=ROWS(A2:B6)", 5),
    ("=ROWS(A:A)", 100),
    ("=COLUMNS(A2:B6)", 2),
    ("=ROW(1)", NA),
]

ARRAYS = [
    ("={1,2;3,4}", [[1, 2], [3, 4]]),
    ("={J1:J2,K1:K2}", [[10, "a"], [20, "b"]]),
    ("={1,2;3}", VALUE),
    ("=ARRAYFORMULA(J1:J3*2)", [[20], [40], [60]]),
    ("=ARRAYFORMULA(J1:J2*{1,10})", [[10, 100], [20, 200]]),
    ('=ARRAYFORMULA(IF(J1:J3>15,"big","small"))', [["small"], ["big"], ["big"]]),
    ("=ARRAYFORMULA(J1:J2+J1:J3)", [[20], [40], [NA]]),
    ('=ARRAYFORMULA(COUNTIF(C2:C6,{"paid";"open"}))', [[2], [1]]),
    ("=ARRAYFORMULA(ROUND(J1:J2/3,1))", [[3.3], [6.7]]),
    ("=ARRAYFORMULA(VLOOKUP({10;30},J1:K4,2,FALSE))", [["a"], ["c"]]),
    ("=ARRAYFORMULA(ROW(A1:A3))", [[1], [2], [3]]),
    ("=ARRAYFORMULA(J1:J2)", [[10], [20]]),
    ("=SUM(ARRAYFORMULA(J1:J4*2))", 200),
    ('=ARRAYFORMULA({"a"; ""; IF(,,)})', [["a"], [""], [None]]),  # R
    ("=TRANSPOSE(J1:J3)", [[10, 20, 30]]),
    ('=UNIQUE({"a";"b";"a";"A"})', [["a"], ["b"], ["A"]]),
    ('=FILTER(A2:B6,C2:C6="paid")', [["Anna", 100], ["anna", 50]]),
    ('=FILTER(A2:A6,B2:B6>60,C2:C6="open")', "Boris"),
    ('=FILTER(A2:A6,C2:C6="nothing")', NA),
    ("=FILTER(A2:A6,B2:B4>0)", NA),
    ("=FILTER(J1:K2,{TRUE,FALSE})", [[10], [20]]),
    ("=SORT(B2:B6)", [[-20], [0], [50], [100], [250.5]]),
    ("=SORT(A2:B4,2,FALSE)", [["Boris", 250.5], ["Anna", 100], ["anna", 50]]),
    ("=SORT(K1:K3,J1:J3,FALSE)", [["c"], ["b"], ["a"]]),
    ("=SORT(A2:B4,9,TRUE)", VALUE),
    ("=SEQUENCE(2,3)", [[1, 2, 3], [4, 5, 6]]),
    ("=SEQUENCE(3,1,10,-5)", [[10], [5], [0]]),
    ("=FLATTEN(A2:B3)", [["Anna"], [100], ["Boris"], [250.5]]),
    ("=HSTACK(J1:J2,K1:K3)", [[10, "a"], [20, "b"], [NA, "c"]]),
    ("=VSTACK(J1:J2,{1,2})", [[10, NA], [20, NA], [1, 2]]),
    ('=SPLIT("a,b,3",",")', [["a", "b", 3]]),
    ("=INDEX(J1:K4,0,2)", [["a"], ["b"], ["c"], ["d"]]),
    ('=XLOOKUP("b",K1:K4,J1:K4)', [[20, "b"]]),
    ('=HYPERLINK("https://example.com","click")', "click"),  # R
    ('=HYPERLINK("https://example.com")', "https://example.com"),
    ('=IMAGE("https://example.com/a.png")', None),
    ("=SPARKLINE(J1:J4)", None),
]

TABLE = [
    *OPERATORS, *ARITHMETIC, *STATISTICS, *CONDITIONAL, *LOGIC, *INFORMATION,
    *TEXTS, *DATES, *LOOKUPS, *ARRAYS,
]  # fmt: skip


def simple(value):
    """Errors as their types, numbers rounded to what the table writes down."""
    if isinstance(value, list):
        return [simple(item) for item in value]
    if isinstance(value, ErrorValue):
        return value.type
    return pytest.approx(value, abs=1e-9) if isinstance(value, float) else value


@pytest.mark.parametrize(("formula", "value"), TABLE, ids=[row[0] for row in TABLE])
def test_formula_gives_the_value(sheet, formula, value):
    found = evaluate(formula, sheet)

    assert simple(found) == value
    assert isinstance(found, bool) is isinstance(value, bool)


def test_every_function_is_in_the_table():
    text = " ".join(formula.upper() for formula, _ in TABLE)
    assert [name for name in functions.names() if f"{name}(" not in text] == []


MESSAGES = [
    ("=1/0", "Function DIVIDE parameter 2 cannot be zero."),  # R
    (
        '="a"+1',
        (
            "Function ADD parameter 1 expects number values. But 'a' is a text and cannot be "
            "coerced to a number."
        ),
    ),  # R
    (
        '=2*"Currency"',
        (
            "Function MULTIPLY parameter 2 expects number values. But 'Currency' is a text and "
            "cannot be coerced to a number."
        ),
    ),  # R
    ("=NotARealFunction()", "Unknown function: 'NotARealFunction'."),  # R
    (
        "=SQRT(-1)",
        "Function SQRT parameter 1 value is negative. It should be positive or zero.",
    ),  # R
    ('=VLOOKUP("nope",A1:B2,1,FALSE)', "Did not find value 'nope' in VLOOKUP evaluation."),  # R
    ("=A1:Z1 A30:Z30", "Formula parse error."),  # R
    ("=NA()", ""),  # R
    (
        "=ROUND(1,2,3)",
        (
            "Wrong number of arguments to ROUND. Expected between 1 and 2 arguments, but got 3 "
            "arguments."
        ),
    ),
    ("=unknown", "Unknown range name: 'unknown'."),
    ("=Nope!A1", "Unresolved sheet name 'Nope'."),
]


@pytest.mark.parametrize(("formula", "message"), MESSAGES)
def test_errors_bear_googles_messages(formula, message):
    assert evaluate(formula).message == message


RUSSIAN = [
    ("=SUM(1,5;2)", 3.5),
    ("={1,5\\2;3\\4}", [[1.5, 2], [3, 4]]),
    ('="31.12.2024"+1', 45658),
    ('="1,5"*2', 3),
    ('="1.5"*1', 46143),
    ('="x"&1,5', "x1,5"),
    ('="x"&TRUE', "xИСТИНА"),
    ('=TEXT(1234,5;"# ##0,00")', "1\u00a0234,50"),
    ('=TEXT(1234,5;"#,##0.00")', "1\u00a0234,50"),
    ('=TEXT(1234,5;"#.##0,00")', "1\u00a0234,50"),
    ('=TEXT(1234,5;"0")', "1235"),
    ('=TEXT(0,125;"0,0%")', "12,5%"),
    ('=TEXT(45657;"d mmmm yyyy")', "31 декабря 2024"),
    ('=VALUE("1 234,5")', 1234.5),
    ("=ИСТИНА", True),
    ("=SUM(1,5,2)", ERROR),
    ("=СУММ(1;2)", NAME),
]


@pytest.mark.parametrize(("formula", "value"), RUSSIAN)
def test_formula_in_a_comma_locale_takes_its_separators(formula, value):
    assert simple(evaluate(formula, locale="ru_RU")) == value


def test_semicolons_between_arguments_are_taken_in_a_point_locale_too():
    assert evaluate("=SUM(1;2)") == 3


@pytest.mark.parametrize(
    ("at", "value"), [("L2", "Anna"), ("L6", "Dmitri*"), ("L7", VALUE), ("L100", VALUE)]
)
def test_a_column_where_one_value_is_wanted_gives_the_cell_of_the_same_row(sheet, at, value):
    assert simple(evaluate("=A2:A6", sheet, at=at)) == value


def test_a_row_where_one_value_is_wanted_gives_the_cell_of_the_same_column(sheet):
    assert evaluate("=A1:D1&1", sheet, at="C50") == "Status1"


FORMATS = [
    ("=DATE(2023,3,19)", {"type": "DATE"}),  # R
    ("=NOW()", {"type": "DATE_TIME"}),  # R
    ("=D2", {"type": "DATE"}),  # R
    ("=D2+7", {"type": "DATE"}),
    ("=7+D2", {"type": "DATE"}),
    ("=D3-D2", None),
    ("=MAX(D2:D6)", {"type": "DATE"}),
    ("=MAX(D:D)", {"type": "DATE"}),
    ('=VLOOKUP("Anna",A:D,4,FALSE)', {"type": "DATE"}),
    ('=VLOOKUP("Anna",A:D,2,FALSE)', None),
    ("=INDEX(D1:D6,3)", {"type": "DATE"}),
    ("=IF(TRUE,D2,0)", {"type": "DATE"}),
    ("=IFERROR(1/0,D2)", {"type": "DATE"}),
    ("=EDATE(D2,1)", {"type": "DATE"}),
    ("=YEAR(D2)", None),
    ("=D2*2", None),
    ("=COUNT(D2:D6)", None),
    ("=123", None),
]


@pytest.mark.parametrize(("formula", "number_format"), FORMATS)
def test_a_number_is_shown_in_the_format_that_it_came_from(sheet, formula, number_format):
    assert result(formula, sheet).anchor.number_format == number_format


def test_a_sum_of_money_is_money_and_a_rate_times_money_too():
    workbook = new_workbook()
    put(workbook, "A1", 100, number_format={"type": "CURRENCY"})
    put(workbook, "A2", 0.2, number_format={"type": "PERCENT"})

    money = {"type": "CURRENCY"}
    assert result("=SUM(A1,5)", workbook).anchor.number_format == money
    assert result("=10+A1", workbook).anchor.number_format == money
    assert result("=A1*A2", workbook).anchor.number_format == money
    assert result("=A1/2", workbook).anchor.number_format == money
    assert result("=A1/A1", workbook).anchor.number_format is None


def test_hyperlink_gives_its_cell_a_link():
    found = result('=HYPERLINK("https://example.com","click")').anchor

    assert (found.value, found.hyperlink) == ("click", "https://example.com")
