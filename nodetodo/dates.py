"""Converts days between text and numbers yyyymmdd.

A day is a calendar day in the user's time zone. The caller passes the present day as today.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from .errors import WrongUsage

if TYPE_CHECKING:
    from typing import TypeGuard

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_FROM_TODAY = {"today": 0, "tomorrow": 1, "yesterday": -1}
EXAMPLES = "write 2026-11-24, 20261124, today, tomorrow, friday, +3d, +2w or +1m"


def to_number(day: date) -> int:
    """Return a day as the database stores it: 20261124 for 2026-11-24."""
    return day.year * 10000 + day.month * 100 + day.day


def is_day(value: object) -> TypeGuard[int]:
    """Return whether a stored value is the number yyyymmdd of a day. Other programs may store any value."""
    if type(value) is not int or not 10000101 <= value <= 99991231:
        return False
    try:
        date(value // 10000, value // 100 % 100, value % 100)
    except ValueError:  # such as the 30th of February
        return False
    return True


def to_text(day: int) -> str:
    """Return 2026-11-24 for 20261124."""
    return f"{day // 10000}-{day // 100 % 100:02}-{day % 100:02}"


def next_day(day: int) -> int:
    """Return the day after a day, both as numbers yyyymmdd. After the last day, 9999-12-31, it is 99991232."""
    try:
        return to_number(date(day // 10000, day // 100 % 100, day % 100) + timedelta(1))
    except OverflowError:
        return day + 1


def parse(option: str, given: str, today: date) -> int:
    """Return the day in the value of an option, as a number yyyymmdd.

    Raises WrongUsage if the value is not a day, if it is ambiguous, or if the year is before 1000.
    """
    words = given.strip().lower()
    try:
        day = _relative(words, today) or _numeric(words)
        readings = {day} if day else _readings(words)
    except (ValueError, OverflowError):  # the month 13, the 30th of February, a year after 9999
        readings = set()
    if len(readings) != 1:
        problem = "can mean more than one day" if readings else "is not a day"
        raise WrongUsage(f"the value {given!r} of {option} {problem}; {EXAMPLES}")
    day = readings.pop()
    if day.year < 1000:
        raise WrongUsage(f"the value {given!r} of {option} is before the year 1000; use a year of four digits")
    return to_number(day)


def _relative(words: str, today: date) -> date | None:
    """Return the day for a word such as today, a weekday (the next one, never today), or +3d, +2w, +1m."""
    if words in DAYS_FROM_TODAY:
        return today + timedelta(DAYS_FROM_TODAY[words])
    for index, weekday in enumerate(WEEKDAYS):
        if words in (weekday, weekday[:3]):
            return today + timedelta((index - today.weekday() - 1) % 7 + 1)
    match = re.fullmatch(r"\+([0-9]{1,6})([dwm])", words)
    if not match:
        return None
    amount = int(match[1])
    if match[2] == "m":
        # The last day of a shorter month replaces a day that the month lacks: 31 January +1m is 28 February.
        from dateutil.relativedelta import relativedelta

        return today + relativedelta(months=amount)
    return today + timedelta(amount * (7 if match[2] == "w" else 1))


def _numeric(words: str) -> date | None:
    """Return the day for 20261124, 2026-11-24, 2026/11/24 or 2026.11.24: the month always follows a four-digit year."""
    match = re.fullmatch(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|([-/.])([0-9]{1,2})\4([0-9]{1,2}))", words)
    return date(int(match[1]), int(match[2] or match[5]), int(match[3] or match[6])) if match else None


def _readings(words: str) -> set[date]:
    """Return every day that dateutil reads in words, with each order of day, month and year.

    The set has more than one day if the order is ambiguous, or if the year, month or day is missing. It is empty if
    dateutil cannot read the words.
    """
    if re.fullmatch(r"[0-9]*", words):  # dateutil takes a number other than yyyymmdd for a year or a time
        return set()
    import warnings

    from dateutil import parser

    # dateutil fills missing fields from the default. Two defaults that differ in every field reveal a missing field.
    defaults = (datetime(2000, 1, 1, 1, 1, 1, 1), datetime(2024, 12, 31, 2, 2, 2, 2))
    readings = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # dateutil only warns about an unknown time zone
        for dayfirst in (False, True):
            for yearfirst in (False, True):
                for default in defaults:
                    try:
                        moment = parser.parse(words, default=default, dayfirst=dayfirst, yearfirst=yearfirst)
                    except (ValueError, OverflowError, TypeError, ArithmeticError, Warning):
                        return set()
                    if moment.tzinfo is not None or moment.time() != default.time():  # words contain a time of day
                        return set()
                    readings.add(moment.date())
    if not re.search(r"\d{4}", words):  # a year of two digits does not say its century
        readings |= {day - timedelta(36525) for day in readings if day.year > 200}
    weekdays = re.findall("|".join(weekday[:3] for weekday in WEEKDAYS), words)
    if any(WEEKDAYS[day.weekday()][:3] != weekday for weekday in weekdays for day in readings):
        return set()  # dateutil ignores a weekday that contradicts the date
    return readings
