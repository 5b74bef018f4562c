"""`serve --data`: everything of every file is loaded, or nothing and each reason has its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_fake
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import binary, sampled_from, text
from tiny_fake import TinyFake

from harness.run.export_files import read_tables
from harness.run.load import DataError, load_exports

COMPANIES = "Record ID,Company name,Amount\n1,Acme,12.50\n2,Bolt,\n"
DEALS = "Record ID,Deal Name,Amount,Deal Stage\n9,First deal,100,won\n"


@pytest.fixture
def fake() -> TinyFake:
    return tiny_fake.make()


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(fake: TinyFake, *paths: Path) -> str:
    """What the loading of these files is refused with; nothing may be left of it."""
    with pytest.raises(DataError) as caught:
        load_exports(fake, paths, "Tiny CRM")
    assert [fake.store.count(kind) for kind in ("companies", "deals", "products")] == [0, 0, 0]
    assert fake.store.changes == []
    return str(caught.value)


def test_files_of_several_kinds_are_loaded_together(fake: TinyFake, tmp_path: Path) -> None:
    deals, companies = write(tmp_path, "all-deals.csv", DEALS), write(tmp_path, "export-companies-2026.csv", COMPANIES)

    assert load_exports(fake, [deals, companies], "Tiny CRM") == {"companies": 2, "deals": 1}
    assert [record.get("Company name") for record in fake.store.all("companies")] == ["Acme", "Bolt"]
    assert fake.store.changes[0].kind == "companies", "deals come after what they refer to"


def test_the_columns_tell_the_kind_where_the_name_does_not(fake: TinyFake, tmp_path: Path) -> None:
    assert load_exports(fake, [write(tmp_path, "mine.csv", DEALS)], "Tiny CRM") == {"deals": 1}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_spreadsheets_own_separator_and_byte_order_mark_are_understood(fake: TinyFake, tmp_path: Path, mark: str) -> None:
    text = "\ufeff" + COMPANIES.replace(",", mark).replace("\n", "\r\n")

    assert load_exports(fake, [write(tmp_path, "companies.csv", text)], "Tiny CRM") == {"companies": 2}
    assert fake.store.get("companies", "1") is not None


def test_json_lists_and_objects_keep_numbers_digit_by_digit(fake: TinyFake, tmp_path: Path) -> None:
    one = write(
        tmp_path, "companies.json", '[{"Record ID": 1, "Company name": "Acme", "Amount": 10.10}, {"Record ID": 2, "Amount": null}]'
    )
    both = write(
        tmp_path, "x.json", '{"deals": [{"Record ID": "9", "Amount": 1}], "Products": [{"Record ID": "5", "Name": "Saw"}]}'
    )

    assert load_exports(fake, [one, both], "Tiny CRM") == {"companies": 2, "products": 1, "deals": 1}
    assert [record.get("Amount") for record in fake.store.all("companies")] == ["10.10", ""]


def test_a_bad_row_is_told_with_file_physical_line_and_column(fake: TinyFake, tmp_path: Path) -> None:
    good = write(tmp_path, "companies.csv", COMPANIES)
    bad = write(tmp_path, "deals.csv", 'Record ID,Deal Name,Amount,Deal Stage\n1,"two\nlines",5,won\n\n2,Second,much,won\n')

    told = refusal(fake, good, bad)
    assert told.splitlines() == [f'{bad}:5: column "Amount": not an amount', "1 problem; nothing was loaded"]


def test_in_json_the_index_of_the_row_is_told(fake: TinyFake, tmp_path: Path) -> None:
    bad = write(tmp_path, "x.json", '{"deals": [{"Record ID": "1"}, {"Record ID": "2", "Amount": "x"}]}')

    assert f'{bad}:deals[1]: column "Amount": not an amount' in refusal(fake, bad)


def test_a_bad_column_is_told_at_the_header(fake: TinyFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "import_export", lambda kind, rows: [(-1, "Colour", "nobody knows it")])
    csv = write(tmp_path, "deals.csv", "\nRecord ID,Colour\n1,red\n")
    json = write(tmp_path, "deals.json", '[{"Record ID": "1"}, {"Record ID": "2", "Colour": "red"}]')

    assert f'{csv}:2: column "Colour": nobody knows it' in refusal(fake, csv)
    assert f'{json}:[1]: column "Colour": nobody knows it' in refusal(fake, json)


def test_of_many_problems_twenty_are_told_and_the_rest_is_counted(fake: TinyFake, tmp_path: Path) -> None:
    rows = "".join(f"{number},Deal,x,won\n" for number in range(30))
    lines = refusal(fake, write(tmp_path, "deals.csv", "Record ID,Deal Name,Amount,Deal Stage\n" + rows)).splitlines()

    assert len(lines) == 22
    assert lines[20:] == ["… and 10 more", "30 problems; nothing was loaded"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("deals.csv", "", "the file is empty"),
        ("deals.csv", "\n \n", "the file is empty"),
        ("deals.csv", "Record ID,Amount\n", "has a header but no rows"),
        ("deals.csv", "Record ID,Amount,Amount\n1,2,3\n", ':1: the header names column "Amount" twice'),
        ("deals.csv", "Record ID,,Amount\n1,2,3\n", ":1: column 2 of the header has no name"),
        ("deals.csv", "Record ID,Amount\n1\n", ":2: the row has 1 cells, the header has 2"),
        ("deals.csv", 'Record ID,Amount\n1,"2\n', ": this is not CSV: unexpected end of data"),
        ("deals.csv", b"Record ID,Deal Name\n1,Caf\xe9\n", ":2: this is not UTF-8 but another encoding"),
        ("deals.csv", "Record ID,Amount\n1,2\n".encode("utf-16"), ":1: this is not UTF-8 but UTF-16"),
        ("deals.csv", "Colour,Size\nred,4\n", "none of its columns (Colour, Size) is one of deals: expected Amount, Deal Name"),
        ("mine.csv", "Colour,Size\nred,4\n", "neither its name nor its columns (Colour, Size) tell what it holds"),
        ("deals-and-companies.csv", "Record ID,Amount\n1,2\n", "neither its name nor its columns"),
        ("deals.json", '[{"Amount": 1,]', ":1: this is not JSON: "),
        ("deals.json", "[]", "the list is empty"),
        ("deals.json", '{"deals": []}', "the list of deals is empty"),
        ("deals.json", "{}", "expected a list of objects, or an object such as"),
        ("deals.json", "3", "expected a list of objects"),
        ("deals.json", '{"deals": 3}', '"deals" is not a list of objects'),
        ("deals.json", '{"tickets": [{"a": 1}]}', '"tickets" cannot be loaded; known: companies, contacts, products, deals'),
        ("deals.json", "[1]", ":[0]: expected an object of columns and values"),
        ("deals.json", '[{"Amount": {"a": 1}}]', ':[0]: column "Amount": expected one value, not an object'),
        ("deals.json", '[{"Amount": 1, "Amount": 2}]', 'an object names "Amount" twice'),
        ("deals.json", "[" * 100_000, "deals.json"),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_words(
    fake: TinyFake, tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    path = write(tmp_path, name, content)

    text = refusal(fake, write(tmp_path, "companies.csv", COMPANIES), path)
    assert text.startswith(str(path))
    assert told in text


def test_a_missing_file_and_a_folder_are_told(fake: TinyFake, tmp_path: Path) -> None:
    assert refusal(fake, tmp_path / "nothing.csv") == f"{tmp_path / 'nothing.csv'}: no such file"
    assert "cannot be read" in refusal(fake, tmp_path)


def test_a_fake_that_loads_no_exports_says_so(tmp_path: Path) -> None:
    class Plain:
        pass

    with pytest.raises(DataError, match=r"^ERPNext cannot load exports: --data is for CRMs$"):
        load_exports(Plain(), [], "ERPNext")  # type: ignore[arg-type]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(sampled_from(["deals.csv", "deals.json"]), binary(max_size=60) | text('ab,;"\n\r\t[]{}:\u2028', max_size=40).map(str.encode))
def test_whatever_stands_in_a_file_it_is_read_or_refused_with_its_name(tmp_path: Path, name: str, content: bytes) -> None:
    """Invariant: a file gives tables whose rows all have a place, or a DataError that begins with the file's name."""
    path = write(tmp_path, name, content)
    try:
        tables = read_tables(path)
    except DataError as error:
        assert str(error).startswith(str(path))  # noqa: PT017 - either outcome is fine
    else:
        assert tables
        assert all(len(table.rows) == len(table.places) > 0 for table in tables)
