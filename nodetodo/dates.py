"""Days as people write them become numbers yyyymmdd.

A day is a calendar day in the user's time zone, and today is handed in. What can be read in two ways is refused.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from .errors import WrongUsage

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEAR = {"today": 0, "tomorrow": 1, "yesterday": -1}
EXAMPLES = "write 2026-11-24, 20261124, today, tomorrow, friday, +3d, +2w or +1m"


def to_number(day: date) -> int:
    """2026-11-24 as 20261124, the way days are stored."""
    return day.year * 10000 + day.month * 100 + day.day


def to_text(day: int | None) -> str:
    """20261124 as 2026-11-24; anything else that the database holds as it is, and nothing as a dash."""
    if day is None:
        return "-"
    digits = str(day)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else digits


def parse(name: str, given: str, today: date) -> int:
    """The day meant by given, as a number yyyymmdd; name is the option that WrongUsage speaks of."""
    words = given.strip().lower()
    try:
        day = _near(words, today) or _exact(words)
        readings = {day} if day else _readings(words)
    except (ValueError, OverflowError):  # a month 13, a day 30 of February, a year beyond 9999
        readings = set()
    if len(readings) != 1:
        problem = "which can mean more than one day" if readings else "which is not a day"
        raise WrongUsage(f"{name} is {given!r}, {problem}; {EXAMPLES}")
    day = readings.pop()
    if day.year < 1000:
        raise WrongUsage(f"{name} is {given!r}; days are stored with a year of four digits")
    return to_number(day)


def _near(words: str, today: date) -> date | None:
    """A day told from today: a word, a weekday (the next one, never today), or +3d +2w +1m."""
    if words in NEAR:
        return today + timedelta(NEAR[words])
    for index, weekday in enumerate(WEEKDAYS):
        if words in (weekday, weekday[:3]):
            return today + timedelta((index - today.weekday() - 1) % 7 + 1)
    match = re.fullmatch(r"\+([0-9]{1,6})([dwm])", words)
    if not match:
        return None
    amount = int(match[1])
    if match[2] == "m":
        # The last day of a shorter month stands for a day it does not have: 31 January +1m is 28 February.
        from dateutil.relativedelta import relativedelta

        return today + relativedelta(months=amount)
    return today + timedelta(amount * (7 if match[2] == "w" else 1))


def _exact(words: str) -> date | None:
    """20261124 or 2026-11-24, also with / or . between: after a year of four digits the order is never in doubt."""
    match = re.fullmatch(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|([-/.])([0-9]{1,2})\4([0-9]{1,2}))", words)
    return date(int(match[1]), int(match[2] or match[5]), int(match[3] or match[6])) if match else None


def _readings(words: str) -> set[date]:
    """Every day that dateutil takes words for, under each order of day, month and year; none if it cannot read them.

    More than one where the order is in doubt, and where year, month or day is not named.
    """
    if re.fullmatch(r"[0-9]*", words):  # a number that is not yyyymmdd: dateutil would make a year or a time of it
        return set()
    import warnings

    from dateutil import parser

    # Two defaults that differ in every field show what was not named; a time of day must stay the default's own.
    defaults = (datetime(2000, 1, 1, 1, 1, 1, 1), datetime(2024, 12, 31, 2, 2, 2, 2))
    readings = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a time zone that dateutil does not know is only warned about
        for dayfirst in (False, True):
            for yearfirst in (False, True):
                for default in defaults:
                    try:
                        read = parser.parse(words, default=default, dayfirst=dayfirst, yearfirst=yearfirst)
                    except (ValueError, OverflowError, TypeError, ArithmeticError, Warning):
                        return set()
                    if read.tzinfo is not None or read.time() != default.time():
                        return set()
                    readings.add(read.date())
    if not re.search(r"\d{4}", words):  # two digits of a year leave the century open
        readings |= {day - timedelta(36525) for day in readings if day.year > 200}
    named = re.findall("|".join(weekday[:3] for weekday in WEEKDAYS), words)
    if any(WEEKDAYS[day.weekday()][:3] != weekday for weekday in named for day in readings):
        return set()  # a weekday that contradicts the date: dateutil would pass over it
    return readings
