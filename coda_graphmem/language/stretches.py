"""Stretches of the calendar, each as two moments: days, weeks, months and years, and those so many units away."""

from collections.abc import Callable
from datetime import datetime, timedelta

DAY, WEEK = timedelta(days=1), timedelta(days=7)

Moments = tuple[datetime, datetime]
"""When something begins, and before when it ends."""


def midnight(moment: datetime) -> datetime:
    """The moment at which its day begins."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def of_day(moment: datetime) -> Moments:
    """The day that a moment is in."""
    start = midnight(moment)
    return start, start + DAY


def of_month(year: int, month: int, months: int = 1) -> Moments:
    """A month, or so many that follow one another."""
    return datetime(year, month, 1), datetime(year + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1, 1)


def of_years(year: int, years: int = 1) -> Moments:
    """A year, or so many that follow one another."""
    return datetime(year, 1, 1), datetime(year + years, 1, 1)


def moved(moment: datetime, unit: str, count: int) -> datetime:
    """The moment so many units later; the 31st becomes the last day of a shorter month."""
    if unit in ("day", "week", "fortnight"):
        return moment + count * {"day": 1, "week": 7, "fortnight": 14}[unit] * DAY
    months = count * {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}[unit]
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = (of_month(year, month + 1)[1] - DAY).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def around(moment: datetime, unit: str) -> Moments:
    """The day, week, month … of the calendar that a moment is in."""
    if unit == "day":
        return of_day(moment)
    if unit in ("week", "fortnight"):
        start = midnight(moment) - moment.weekday() * DAY
        return start, start + (WEEK if unit == "week" else 2 * WEEK)
    if unit == "quarter":
        return of_month(moment.year, 3 * ((moment.month - 1) // 3) + 1, 3)
    if unit == "month":
        return of_month(moment.year, moment.month)
    years = {"year": 1, "decade": 10, "century": 100}[unit]
    return of_years(moment.year - moment.year % years, years)


def recurring(way: int | None, now: datetime, make: Callable[[int], Moments]) -> Moments:
    """What there is one of each year: the last one that has begun, or as is said.

    Args:
        way: -1 for the last one that is over, 0 for that of this year, 1 for the next one, None where nothing is said.
        now: The time that counts as now.
        make: Gives that of a year.
    """
    of_this_year = make(now.year)
    if way == 0:
        return of_this_year
    if way == 1:
        return of_this_year if of_this_year[0] > now else make(now.year + 1)
    ended = of_this_year[1] <= now
    begun = of_this_year[0] <= now
    return of_this_year if (ended if way == -1 else begun) else make(now.year - 1)
