"""Notes on a standard that does not suit the case: its days, its figures', its districts."""

from collections.abc import Iterable
from datetime import date

from siteplan.errors import Text, join_names
from siteplan.model import Standard, Succession
from siteplan.model.standard import THRESHOLDS, is_district_code

SERVICES = Text("服务项目", "services")


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


def note_adoption(standard: Standard, day: date | None) -> Text | None:
    """Return a note on figures adopted only after the day judged for; None without any.

    They bind all the same: whoever judges chooses the standard, as with one that came into force
    later, and the status says who stands behind a figure, not since when. It must be said.
    """
    if day is None:
        return None
    figures = [standard.thresholds, *standard.districts.values()]
    later = {
        (THRESHOLDS[name].title, one.adopted_on)
        for own in figures
        for name, one in own.items()
        if one.adopted_on and one.adopted_on > day
    }
    services = standard.services
    if services and services.adopted_on and services.adopted_on > day:
        later.add((SERVICES, services.adopted_on))
    if not later:
        return None
    dated = sorted(later, key=lambda pair: (pair[1], pair[0].en))
    chinese = join_names(f"{title.zh}（{adopted}）" for title, adopted in dated)
    english = join_names(f"{title.en} ({adopted})" for title, adopted in dated)
    return Text(
        f"标准《{standard.title.zh}》有数值在评审基准日 {day} 之后才采用，仍按已采用评判："
        f"{chinese.zh}",
        f"figures of the standard “{standard.title.en}” were adopted after {day}, the day judged"
        f" for, and bind all the same: {english.en}",
    )


def note_districts(
    standard: Standard, places: Iterable[tuple[str, str | None]], succession: Succession
) -> Text | None:
    """Return a note on districts of the standard that the case does not have; None without any.

    Figures are never moved from a former district to the one of today: it is said which that is.

    Parameters
    ----------
    places
        Code of each subdistrict of the case, and its district.
    succession
        What became of districts.
    """
    there: set[str] = set()
    names: set[str] = set()
    for code, district in places:
        there |= {key for key in standard.districts if is_district_code(key) and code[:6] == key}
        names |= {district} if district else set()
    absent = sorted(set(standard.districts) - there - names)
    if not absent:
        return None
    known = join_names(sorted(names))
    fates = {name: former.fate for name in absent if (former := succession.find_district(name))}
    chinese = join_names(
        f"{name}（{fates[name].zh}）" if name in fates else name for name in absent
    )
    english = join_names(f"{name} ({fates[name].en})" if name in fates else name for name in absent)
    return Text(
        f"标准中的区 {chinese.zh} 不在本案例中（案例中的区：{known.zh or '未注明'}）",
        f"the case has no district {english.en}, for which the standard gives figures of its own"
        f" (districts of the case: {known.en or 'not stated'})",
    )
