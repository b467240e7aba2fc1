"""When the files of a package are said to be made: never by the clock."""

import os
from datetime import UTC, date, datetime

from siteplan.errors import Defect, InputError, Text
from siteplan.model import Case

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""When a file is said to be made where nobody says: the first day that a ZIP can tell."""


def find_file_time(case: Case) -> datetime:
    """Return when files of a case are said to be made: the same however often they are made.

    The day the case is judged for; without one what the variable `SOURCE_DATE_EPOCH` says, and
    else the first day of 1980. The clock is never asked.

    Raises
    ------
    InputError
        If the variable is asked and holds no number of seconds.
    """
    if case.date is not None:
        return start_day(case.date)
    asked = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not asked:
        return EARLIEST
    try:
        return max(EARLIEST, datetime.fromtimestamp(int(asked), UTC))
    except (ValueError, OverflowError, OSError) as error:
        problem = Text(f"{asked!r} 不是秒数", f"{asked!r} is no number of seconds")
        remedy = Text("请写 1970 年以来的秒数", "Give seconds since 1970")
        raise InputError(Defect("SOURCE_DATE_EPOCH", problem, remedy)) from error


def start_day(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
