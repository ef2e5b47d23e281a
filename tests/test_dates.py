"""The forms in which a user may write a day."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodetodo import dates
from nodetodo.errors import WrongUsage

MONDAY = date(2026, 11, 23)
days = st.dates(min_value=date(1000, 1, 1))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20261124", 20261124),
        ("2026-11-24", 20261124),
        ("2026/1/5", 20260105),
        ("today", 20261123),
        ("Tomorrow", 20261124),
        (" yesterday ", 20261122),
        ("monday", 20261130),
        ("tue", 20261124),
        ("sunday", 20261129),
        ("+0d", 20261123),
        ("+3d", 20261126),
        ("+2w", 20261207),
        ("+1m", 20261223),
        ("24 Dec 2026", 20261224),
        ("December 24, 2026", 20261224),
        ("25.12.2026", 20261225),
        ("12/25/2026", 20261225),
        ("4/4/2026", 20260404),
        ("thursday 24 dec 2026", 20261224),
        ("29.2.2028", 20280229),
    ],
)
def test_each_form_of_a_day_is_understood(written: str, meant: int) -> None:
    assert dates.parse("--dueat", written, MONDAY) == meant


@pytest.mark.parametrize(
    "written",
    [
        "20251399",
        "20260230",
        "2026-02-29",
        "soon",
        "",
        " ",
        "10",
        "2026",
        "202611",
        "+3",
        "+1y",
        "-3d",
        "+999999m",
        "+999999w",
        "8 pm",
        "2026-11-24T10:00",
        "2026-11-24 00:00",
        "24 dec 2026 UTC",
        "friday 24 dec 2026",
        "1526650262330",
    ],
)
def test_a_text_that_is_not_a_day_is_refused_with_an_error_message(written: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        dates.parse("--dueat", written, MONDAY)
    assert str(refused.value) == f"the value {written!r} of --dueat is not a day; {dates.EXAMPLES}"


@pytest.mark.parametrize("written", ["00010101", "0999-12-31"])
def test_a_day_before_the_year_1000_is_refused(written: str) -> None:
    with pytest.raises(WrongUsage, match="is before the year 1000; use a year of four digits"):
        dates.parse("--dueat", written, MONDAY)


@pytest.mark.parametrize(
    "written", ["4/7", "4/7/2026", "11.12.2026", "24 dec", "dec 2026", "1 2 3", "10-11-12", "dec 24 26", "24 dec 99"]
)
def test_an_ambiguous_day_is_refused_with_the_reason(written: str) -> None:
    with pytest.raises(WrongUsage, match="can mean more than one day"):
        dates.parse("--duebefore", written, MONDAY)


@given(days)
def test_every_unambiguous_form_of_a_date_is_that_day(day: date) -> None:
    number = dates.to_number(day)
    for written in (f"{number}", day.isoformat(), f"{day.day} {day:%B} {day.year}", f"{day:%b} {day.day}, {day.year}"):
        assert dates.parse("--dueat", written, MONDAY) == number
    assert dates.to_text(number) == day.isoformat()


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2900, 1, 1)), st.sampled_from(dates.WEEKDAYS))
def test_a_weekday_is_the_next_one_and_never_today(today: date, weekday: str) -> None:
    meant = dates.parse("--dueat", weekday, today)
    near = [today + timedelta(ahead) for ahead in range(1, 8)]
    assert [meant] == [dates.to_number(day) for day in near if f"{day:%A}".lower() == weekday]


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2900, 1, 1)), st.integers(0, 400))
def test_months_ahead_stay_in_their_month(today: date, ahead: int) -> None:
    meant = dates.parse("--dueat", f"+{ahead}m", today)
    months = today.year * 12 + today.month - 1 + ahead
    assert (meant // 10000, meant // 100 % 100) == (months // 12, months % 12 + 1)
    assert meant % 100 <= today.day
    assert meant % 100 == today.day or meant % 100 >= 28


@given(st.text() | st.from_regex(r"[0-9a-z/.+ -]{1,12}", fullmatch=True), days)
@example("1e5", MONDAY)
@example("nan", MONDAY)
@example("٢٠٢٦١١٢٤", MONDAY)
def test_any_text_is_an_existing_day_or_is_refused_with_an_error_message(written: str, today: date) -> None:
    try:
        meant = dates.parse("--dueat", written, today)
    except WrongUsage:
        return
    date(meant // 10000, meant // 100 % 100, meant % 100)
    assert len(str(meant)) == 8
