"""The price of a load: the two examples in the chapter of the book, and the arithmetic in general."""

import re
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodetodo import embedded
from nodetodo.embedded import values
from nodetodo.model import Task
from nodetodo.pricing.comparison import Bill, Comparison, compare
from nodetodo.pricing.load import ItemSizes, Load, Rate
from nodetodo.pricing.prices import prices
from nodetodo.pricing.text import money
from nodetodo.repositories import items

from .program import EMMA, NOON, Program, without_engine
from .test_process import imported_by

OF_THE_BOOK = "us-east-1@2024-10-31"
NOW = int(NOON.timestamp() * 1000)
CONSTANT = Rate(Decimal(100), Decimal(10), Decimal(24))
DAYTIME = Rate(Decimal(100), Decimal(10), Decimal(7))
PEAK = Rate(Decimal(1000), Decimal(100), Decimal(1))


@pytest.fixture
def nodetodo() -> Program:
    return without_engine()


def compared(base: Rate, peak: Rate | None = None, *, region: str, consistent: bool = False) -> Comparison:
    return compare(Load(base, peak, ItemSizes(1024), consistent, Decimal(0)), prices(region))


def standard_bills(found: Comparison) -> tuple[Bill, Bill]:
    """Return the bills on demand and provisioned."""
    on_demand, provisioned, *_ = found.bills
    assert (on_demand.billing, provisioned.billing) == ("on demand", "provisioned")
    return on_demand, provisioned


IN_30_DAYS = Decimal(720) / 730
"""Converts an amount for a month of 730 hours to one of 720 hours, which the chapter uses for provisioned capacity."""


def test_the_constant_load_of_the_book_at_the_prices_of_its_time() -> None:
    on_demand, provisioned = standard_bills(compared(CONSTANT, region=OF_THE_BOOK))
    # On demand, the book calculates with 730 hours per month, as the program always does.
    assert (on_demand.writes, on_demand.reads) == (Decimal("32.85"), Decimal("32.85"))
    assert (provisioned.writes, provisioned.reads) == (Decimal("4.745"), Decimal("4.745"))
    # Provisioned, the book calculates with 720 hours.
    assert (provisioned.writes * 720 / 730, provisioned.reads * 720 / 730) == (Decimal("4.68"), Decimal("4.68"))


def test_the_constant_load_of_the_book_at_current_prices() -> None:
    on_demand, provisioned = standard_bills(compared(CONSTANT, region="us-east-1"))
    assert (on_demand.writes, on_demand.reads) == (Decimal("32.85") / 2, Decimal("32.85") / 2)
    assert (provisioned.writes * 720 / 730, provisioned.reads * 720 / 730) == (Decimal("4.68"), Decimal("4.68"))


def cents(dollars: Decimal) -> str:
    return f"{dollars:.2f}"


def test_the_load_with_a_peak_of_the_book_at_the_prices_of_its_time() -> None:
    eventual = compared(DAYTIME, PEAK, region=OF_THE_BOOK)
    strong = compared(DAYTIME, PEAK, region=OF_THE_BOOK, consistent=True)
    on_demand, provisioned = standard_bills(eventual)
    on_demand_strong, provisioned_strong = standard_bills(strong)
    # The book compares eventually consistent reads (provisioned) with strongly consistent reads (on demand), both for
    # a month of 720 hours.
    assert cents(provisioned.total * IN_30_DAYS) == "93.60"
    assert cents(on_demand_strong.total * IN_30_DAYS) == "68.85"
    # With the same consistency in both modes:
    assert cents(on_demand.total * IN_30_DAYS) == "45.90"
    assert cents(provisioned_strong.total * IN_30_DAYS) == "140.40"
    assert on_demand_strong.reads == 2 * on_demand.reads
    assert cents((on_demand_strong.total - on_demand.total) * IN_30_DAYS) == "22.95"  # 1,700 × 3,600 × 30 × $0.25 / 2
    # For a month of 730 hours:
    assert (cents(on_demand.total), cents(provisioned.total)) == ("46.54", "94.90")
    assert (cents(on_demand_strong.total), cents(provisioned_strong.total)) == ("69.81", "142.35")


def test_the_load_with_a_peak_of_the_book_at_current_prices() -> None:
    for consistent, on_demand_costs, provisioned_costs in ((False, "22.95", "93.60"), (True, "34.42", "140.40")):
        on_demand, provisioned = standard_bills(compared(DAYTIME, PEAK, region="us-east-1", consistent=consistent))
        assert cents(on_demand.total * IN_30_DAYS) == on_demand_costs  # half of 45.90 and of 68.85
        assert cents(provisioned.total * IN_30_DAYS) == provisioned_costs


def test_break_even_is_at_28_9_percent_utilization_today_and_was_at_14_4_in_october_2024() -> None:
    for region, percent in (("us-east-1", "28.9"), (OF_THE_BOOK, "14.4")):
        break_even = compared(CONSTANT, region=region).break_even[0]
        assert f"{break_even.writes * 100:.1f}" == f"{break_even.reads * 100:.1f}" == percent


rate = st.decimals(min_value=0, max_value=5000, places=2)


@given(rate, rate, st.integers(1, 23), st.integers(1, 409_600), st.booleans())
def test_provisioned_costs_less_exactly_if_the_utilization_is_above_the_break_even(
    reads: Decimal, writes: Decimal, hours: int, size: int, consistent: bool
) -> None:
    load = Load(Rate(reads, writes, Decimal(hours)), None, ItemSizes(size), consistent, Decimal(0))
    found = compare(load, prices())
    for (on_demand, provisioned), even in zip([found.bills[:2], found.bills[2:]], found.break_even, strict=True):
        for costs, costs_provisioned, demand, break_even in (
            (on_demand.writes, provisioned.writes, found.writes, even.writes),
            (on_demand.reads, provisioned.reads, found.reads, even.reads),
        ):
            if demand.provisioned and abs(demand.utilization - break_even) > Decimal("1e-9"):
                assert (costs_provisioned < costs) == (demand.utilization > break_even)


@given(rate, rate, st.integers(1, 409_600))
def test_provisioned_units_are_the_smallest_whole_number_that_serves_the_highest_rate(
    reads: Decimal, writes: Decimal, size: int
) -> None:
    found = compare(Load(Rate(reads, writes, Decimal(24)), None, ItemSizes(size), True, Decimal(0)), prices())
    for demand, requests in ((found.reads, reads), (found.writes, writes)):
        needed = requests * demand.per_request
        assert demand.provisioned - 1 < needed <= demand.provisioned


@pytest.mark.parametrize(
    ("size", "write_units", "read_units"),
    [(1, 1, "0.5"), (1024, 1, "0.5"), (1025, 2, "0.5"), (4096, 4, "0.5"), (4097, 5, "1"), (409_600, 400, "50")],
)
def test_item_sizes_are_rounded_up_to_whole_units(
    nodetodo: Program, size: int, write_units: int, read_units: str
) -> None:
    units = nodetodo.good("capacity", "--reads=1", "--writes=1", f"--item-size={size}", "--json").json["units"]
    assert units["writes"]["per_request"] == write_units
    assert units["reads"]["per_request"] == float(read_units)
    strong = nodetodo.good("capacity", "--reads=1", f"--item-size={size}", "--consistent", "--json").json["units"]
    assert strong["reads"]["per_request"] == 2 * float(read_units)


def test_an_index_adds_its_share_of_the_writes_and_needs_its_own_capacity() -> None:
    item = ItemSizes(1024, index_share=Decimal("0.25"), index_entry_bytes=1025)
    found = compare(Load(Rate(Decimal(0), Decimal(9), Decimal(24)), None, item, False, Decimal(0)), prices())
    assert found.writes.per_request == Decimal("1.5")
    assert (found.writes.provisioned_table, found.writes.provisioned_index) == (9, 5)


def bills(result: Any) -> dict[tuple[str, str], Any]:
    return {(bill["table_class"], bill["billing"]): bill for bill in result.json["bills"]}


def test_infrequent_access_is_cheapest_for_a_large_table(nodetodo: Program) -> None:
    small = nodetodo.good("capacity", "--writes=1", "--storage=0.1", "--json")
    large = nodetodo.good("capacity", "--writes=1", "--storage=1000.5", "--json")
    assert bills(small)["standard", "provisioned"]["cheapest"]
    assert bills(large)["infrequent-access", "provisioned"]["cheapest"]
    assert bills(large)["standard", "on demand"]["storage"] == 250.125
    assert bills(large)["infrequent-access", "on demand"]["storage"] == 100.05


def test_defaults_are_24_hours_without_a_peak_items_of_1_kb_and_one_hour_of_peak(nodetodo: Program) -> None:
    load = nodetodo.good("capacity", "--reads=5", "--json").json["load"]
    assert load["rates"] == [{"reads": 5, "writes": 0, "hours": 24}]
    assert (load["item_bytes"], load["consistent"], load["storage_gb"]) == (1024, False, 0)
    load = nodetodo.good("capacity", "--reads=5", "--writes=2", "--peak-reads=9", "--json").json["load"]
    assert load["rates"] == [{"reads": 5, "writes": 2, "hours": 23}, {"reads": 9, "writes": 2, "hours": 1}]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "no load given; pass --reads=<per second>, --writes=<per second>, or both"),
        (["--peak-reads=5"], "--peak-reads needs --reads, the rate outside the peak, which may be 0"),
        (["--reads=-1"], "--reads is '-1'; it takes a number from 0 to 999,999,999,999 with up to 6 decimals"),
        (["--writes=1,000"], "--writes is '1,000'; it takes a number from 0"),
        (["--reads=1e3"], "--reads is '1e3'; it takes a number from 0"),
        (["--reads=1000000000000"], "--reads is '1000000000000'; it takes a number from 0 to 999,999,999,999 with"),
        (["--reads=nan"], "--reads is 'nan'"),
        (["--peak-reads=5", "--writes=1"], "--peak-reads needs --reads, the rate outside the peak, which may be 0"),
        (["--reads=5", "--peak-writes=1"], "--peak-writes needs --writes"),
        (["--reads=5", "--peak-reads=4"], "--peak-reads is 4, but --reads is 5; the peak cannot be lower"),
        (
            ["--reads=5", "--peak-hours=4"],
            "--peak-hours needs --peak-reads=<per second>, --peak-writes=<per second>, or both",
        ),
        (
            ["--reads=5", "--peak-reads=6", "--peak-hours=25"],
            "--peak-hours is 25; it must be more than 0 and at most 24",
        ),
        (["--reads=5", "--peak-reads=6", "--peak-hours=0"], "--peak-hours is 0; it must be more than 0"),
        (["--reads=5", "--hours=24.5"], "--hours is 24.5; it must be more than 0 and at most 24"),
        (
            ["--reads=5", "--hours=20", "--peak-reads=6", "--peak-hours=5"],
            "--hours and --peak-hours add up to 25 hours; a day has 24",
        ),
        (["--reads=5", "--hours=24", "--peak-reads=6"], "--hours and --peak-hours add up to 25 hours; a day has 24"),
        (["--reads=5", "--item-size=409601"], "--item-size is '409601'; it takes a whole number from 1 to 409,600"),
        (["--reads=5", "--item-size=0"], "--item-size is '0'; it takes a whole number from 1"),
        (["--reads=5", "--item-size=5", "--table"], "--item-size and --table cannot be used together"),
        (["--reads=5", "--storage=x"], "--storage is 'x'; it takes a number from 0"),
        (["--reads=5", "--region=eu-nowhere-1"], "'eu-nowhere-1'; known are us-east-1, us-east-1@2024-10-31"),
    ],
)
def test_an_invalid_load_is_rejected_with_one_error_message(nodetodo: Program, argv: list[str], message: str) -> None:
    result = nodetodo("capacity", *argv)
    assert (result.status, result.out) == (2, "")
    assert message in result.err.splitlines()[0]


def test_only_table_opens_an_engine(nodetodo: Program) -> None:
    assert nodetodo("capacity", "--reads=1").status == 0
    assert nodetodo("capacity", "--reads=1", "--table").status == 5


def test_capacity_imports_no_engine_and_other_commands_do_not_import_capacity() -> None:
    modules = imported_by("capacity", "--reads=1", "--db=aws")
    assert "nodetodo.pricing.comparison" in modules
    assert not modules & {
        "botocore",
        "sqlite3",
        "nodetodo.engines.aws",
        "nodetodo.engines.local",
        "nodetodo.embedded.client",
        "dateutil",
    }
    for argv in (["user", "emma", "--db=local:/proc/nowhere"], ["--help"]):
        assert not {name for name in imported_by(*argv) if re.match("decimal|nodetodo.pricing", name)}


def test_bills_are_printed_in_cents_and_the_arithmetic_exactly(nodetodo: Program) -> None:
    out = nodetodo.good("capacity", "--reads=100", "--writes=10", "--steps").out
    assert "standard           on demand    $16.43  $16.43    $0.00     $32.85\n" in out
    assert "standard           provisioned   $4.75   $4.75    $0.00      $9.49  cheapest\n" in out
    assert "  writes: 10 × 24 × 3,600 × 1 × 730 / 24 = 26,280,000 units\n" in out
    assert "  writes: 26.28 million × $0.625 = $16.425\n" in out
    assert "  reads: 50 units × 730 hours × $0.00013 = $4.745\n" in out


LOAD = ("--reads=100", "--writes=10", "--hours=7", "--peak-reads=1000", "--peak-writes=100")


def test_about_15_lines_are_printed_and_steps_adds_the_arithmetic(nodetodo: Program) -> None:
    narrow = nodetodo.good("capacity", *LOAD, columns=80, env={"NO_COLOR": "1"}).out.splitlines()
    assert len(narrow) == 15
    load, empty, *table, after, break_even, task_add, partitions, omitted, source = nodetodo.good(
        "capacity", *LOAD
    ).out.splitlines()
    assert load.startswith("10 writes and 100 reads per second, 7 hours a day; 100 writes and")
    assert (empty, after, len(table)) == ("", "", 5)
    assert break_even == (
        "Break-even utilization of provisioned capacity: 28.9 % write, 28.9 % read (standard);"
        " 28.8 %, 28.7 % (infrequent-access); this load: 7.1 %, 7.1 %"
    )
    assert task_add == "One task-add of 1,024 bytes takes 4 write units, with a category 5"
    assert partitions == "This load needs at least 1 partition"
    assert omitted == "Not included: free tier, auto scaling, reserved capacity, backups, transfer"
    assert source == "Prices: us-east-1, 2026-10-08; --steps adds their source and the arithmetic"
    with_steps = nodetodo.good("capacity", *LOAD, "--steps").out.splitlines()
    assert with_steps[:11] == [load, empty, *table, after, break_even, task_add, partitions]
    assert len(with_steps) > 40
    assert "  standard, writes: $0.00065 / (3,600 × $0.625 / million) = 28.9 %" in with_steps
    assert "  table: the larger of ⌈100 / 1,000⌉ for writes and ⌈500 / 3,000⌉ for reads, at least 1: 1" in with_steps


def test_the_last_lines_of_the_steps_name_what_is_not_included_and_the_source_of_the_prices(nodetodo: Program) -> None:
    *_, not_included, source = nodetodo.good("capacity", "--reads=1", "--steps").out.splitlines()
    assert re.match("Not included: the free tier .*, auto scaling, .*", not_included)
    assert re.match("Prices: us-east-1, 20..-..-..; AWS Price List", source)


def test_the_units_of_a_task_add_are_those_that_it_consumes(nodetodo: Program) -> None:
    with closing(embedded.connect(":memory:")) as client:
        program = Program(client, target="local")
        program.good("table-add")
        program.good("user-add", *EMMA)
        for item_bytes in (100, 1024, 1025, 5000):
            expected = nodetodo.good("capacity", "--writes=1", f"--item-size={item_bytes}", "--json").json["task_add"]
            for category, name in (([], "without_category"), (["c"], "with_category")):
                empty = Task("emma", NOW, "", 20261123, None, category[0] if category else None, None)
                others = values.item_size(items.to_item(empty._asdict()))
                added = program.good("task-add", "emma", "x" * (item_bytes - others), *category, "--cost", "--json")
                assert sum(part["measured"] for part in added.json["cost"]["units"]) == expected[name]
                program.good("task-rm", "emma", str(NOW))  # the next task has the same tid, and the expected size


@pytest.mark.parametrize(
    ("argv", "partitions"),
    [
        (["--reads=1"], 1),
        (["--writes=1000"], 1),
        (["--writes=1001"], 2),
        (["--writes=500", "--peak-writes=2500"], 3),
        (["--reads=6000"], 1),  # eventually consistent: 3,000 read units
        (["--reads=6001"], 2),
        (["--reads=6000", "--consistent"], 2),
        (["--reads=6000", "--writes=1000"], 1),  # reads and writes have limits of their own
        (["--reads=1", "--storage=10"], 1),
        (["--reads=1", "--storage=10.1"], 2),
        (["--writes=600", "--item-size=1025"], 2),
    ],
)
def test_the_partitions_are_the_fewest_that_serve_the_load(nodetodo: Program, argv: list[str], partitions: int) -> None:
    assert nodetodo.good("capacity", *argv, "--json").json["partitions"] == partitions
    noun = "partition" if partitions == 1 else "partitions"
    assert f"\nThis load needs at least {partitions} {noun}\n" in nodetodo.good("capacity", *argv).out


def test_an_index_has_partitions_of_its_own() -> None:
    item = ItemSizes(1024, index_share=Decimal(1), index_entry_bytes=1024)
    for writes, expected in ((0, 2), (1000, 2), (1001, 4)):
        load = Load(Rate(Decimal(1), Decimal(writes), Decimal(24)), None, item, False, Decimal(0))
        assert compare(load, prices()).partitions.total == expected


def test_numbers_of_the_load_have_the_right_plural(nodetodo: Program) -> None:
    out = nodetodo.good("capacity", "--reads=1", "--writes=1", "--hours=1", "--item-size=1").out
    assert out.startswith("1 write and 1 read per second, 1 hour a day; items of 1 byte, ")
    assert "One task-add of 1 byte takes" in out
    out = nodetodo.good("capacity", "--reads=0.5", "--writes=1", "--steps").out
    assert out.startswith("1 write and 0.5 reads per second, 24 hours a day; items of 1,024 bytes, ")
    assert "= 1 unit\n" in out


@pytest.mark.parametrize("steps", [[], ["--steps"]])
@pytest.mark.parametrize("columns", [30, 40, 60, 80])
def test_the_text_is_wrapped_to_the_terminal(nodetodo: Program, columns: int, steps: list[str]) -> None:
    out = nodetodo.good(
        "capacity", "--reads=100", "--writes=10", "--peak-reads=1000", *steps, columns=columns, env={"NO_COLOR": "1"}
    ).out
    assert max(map(len, out.splitlines())) <= columns
    assert ("730 hours" in " ".join(out.split())) == bool(steps)


@pytest.mark.parametrize("amounts", [["--writes=10"], ["--writes=50000", "--storage=5000"]])
@pytest.mark.parametrize("columns", [40, 50, 80, 200])
def test_class_billing_total_and_the_cheapest_are_never_cut_off(
    nodetodo: Program, columns: int, amounts: list[str]
) -> None:
    argv = ["capacity", "--reads=100", *amounts]
    bills = nodetodo.good(*argv, "--json").json["bills"]
    out = " ".join(nodetodo.good(*argv, columns=columns, env={"NO_COLOR": "1"}).out.split())
    assert re.findall("(standard|infrequent-access),? (on demand|provisioned)", out) == [
        (bill["table_class"], bill["billing"]) for bill in bills
    ]
    assert all(money(Decimal(str(bill["total"]))) in out for bill in bills)
    assert out.count("cheapest") == 1
    assert "…" not in out


def test_a_table_class_without_prices_is_left_out(nodetodo: Program) -> None:
    out = nodetodo.good("capacity", "--reads=100", f"--region={OF_THE_BOOK}").out
    assert "infrequent-access" not in out
