"""Notes on a standard that does not suit the case: its days, its districts."""

from collections.abc import Iterable
from datetime import date

from siteplan.errors import Text, join_names
from siteplan.model import Standard
from siteplan.model.standard import is_district_code


def note_validity(standard: Standard, day: date | None) -> Text | None:
    """Return a note if a standard does not hold on the day judged for; None if it does.

    To judge by a standard newer than the plan is allowed, but must be said. Without a day there is
    nothing to say.
    """
    if day is None or standard.is_valid_on(day):
        return None
    title = standard.title
    if standard.valid_from and day < standard.valid_from:
        return Text(
            f"标准《{title.zh}》自 {standard.valid_from} 起施行，晚于评审基准日 {day}",
            f"the standard “{title.en}” holds from {standard.valid_from}, later than {day},"
            " the day judged for",
        )
    return Text(
        f"标准《{title.zh}》有效至 {standard.valid_to}，早于评审基准日 {day}",
        f"the standard “{title.en}” held until {standard.valid_to}, earlier than {day},"
        " the day judged for",
    )


def note_districts(standard: Standard, places: Iterable[tuple[str, str | None]]) -> Text | None:
    """Return a note on districts of the standard that the case does not have; None without any.

    Parameters
    ----------
    places
        Code of each subdistrict of the case, and its district.
    """
    there: set[str] = set()
    names: set[str] = set()
    for code, district in places:
        there |= {key for key in standard.districts if is_district_code(key) and code[:6] == key}
        names |= {district} if district else set()
    absent = sorted(set(standard.districts) - there - names)
    if not absent:
        return None
    listed, known = join_names(absent), join_names(sorted(names))
    return Text(
        f"标准中的区 {listed.zh} 不在本案例中（案例中的区：{known.zh or '未注明'}）",
        f"the case has no district {listed.en}, for which the standard gives figures of its own"
        f" (districts of the case: {known.en or 'not stated'})",
    )
