"""Planning standards in words and as JSON: what there is, and what one says."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from siteplan.errors import Language, Text
from siteplan.files import clean_text
from siteplan.model import (
    FormerDistrict,
    FormerUnit,
    GrantLine,
    GrantTable,
    Pilot,
    Services,
    Standard,
    Succession,
    Threshold,
    Tier,
    TierFacility,
    add_up_grants,
)
from siteplan.model.standard import FACILITY_FIGURES, THRESHOLDS, TIER_FIGURES
from siteplan.outputs.results import describe_text
from siteplan.outputs.thresholds import THRESHOLD_WORDS, say_status, say_threshold
from siteplan.schema import find_field
from siteplan.standard import STATUSES

NOTHING_KNOWN = Succession()
LIST_FORMAT = "siteplan-standards/1"
SHOW_FORMAT = "siteplan-standard/1"
INDENT = "  "


def say_list(standards: Sequence[Standard], lang: Language) -> str:
    """Return id, title, validity and number of figures of each standard."""
    lines = []
    for standard in standards:
        lines.append(f"{standard.id}{INDENT}{standard.title.say(lang)}")
        parts = (_say_validity(standard, lang), _say_statuses(standard, lang))
        lines.append(INDENT + Text("；", "; ").say(lang).join(parts))
    return "\n".join(clean_text(line) for line in lines)


def write_list(standards: Sequence[Standard]) -> bytes:
    """Return the list as JSON, format `siteplan-standards/1`."""
    rows = [
        {**_describe_head(standard), "thresholds": _count_statuses(standard)}
        for standard in standards
    ]
    return _write({"format": LIST_FORMAT, "standards": rows})


def say_standard(standard: Standard, lang: Language, succession: Succession = NOTHING_KNOWN) -> str:
    """Return everything that a standard says, each figure with its status and source.

    Parameters
    ----------
    standard
        What is told.
    lang
        Language.
    succession
        What became of the districts and pilots that it names.
    """
    lines = [f"{standard.id}{INDENT}{standard.title.say(lang)}", _say_validity(standard, lang)]
    lines += [standard.note.say(lang)] if standard.note else []
    lines += _say_section(Text("阈值", "Thresholds"), lang)
    for name, threshold in standard.thresholds.items():
        lines += _say_figure(standard, threshold, THRESHOLDS[name].title, lang)
    for district, own in standard.districts.items():
        head = Text(f"{district} 另有规定", f"Otherwise in {district}").say(lang)
        lines += ["", head + _say_fate(succession.find_district(district), lang)]
        for name, threshold in own.items():
            lines += _say_figure(standard, threshold, THRESHOLDS[name].title, lang)
    if standard.services:
        lines += _say_section(Text("服务项目", "Services"), lang)
        lines += _say_services(standard, standard.services, lang)
    for tier in standard.tiers:
        lines += _say_tier(standard, tier, lang)
    lines += _say_section(Text("规则", "Rules"), lang)
    lines.append(INDENT + " ".join(standard.rules))
    if standard.pilots:
        lines += _say_section(Text("试点", "Pilots"), lang)
        lines += [_say_pilot(pilot, succession, lang) for pilot in standard.pilots.values()]
        lines += _say_grants(add_up_pilots(standard), succession, lang)
    lines += _say_section(Text("来源", "Sources"), lang)
    for id_, title in standard.sources.items():
        url = standard.urls.get(id_)
        lines.append(f"{INDENT}{id_}{INDENT}{title.say(lang)}{f' <{url}>' if url else ''}")
    return "\n".join(clean_text(line) for line in lines)


def write_standard(standard: Standard, succession: Succession = NOTHING_KNOWN) -> bytes:
    """Return a standard as JSON, format `siteplan-standard/1`: every key present."""
    return _write({"format": SHOW_FORMAT, **describe_standard(standard, succession)})


def describe_standard(
    standard: Standard, succession: Succession = NOTHING_KNOWN
) -> dict[str, object]:
    """Return a standard as it stands in the document, with what became of its places."""
    return {
        **_describe_head(standard),
        "note": describe_text(standard.note) if standard.note else None,
        "thresholds": _describe_figures(standard.thresholds.values()),
        "districts": {
            district: _describe_figures(own.values())
            for district, own in standard.districts.items()
        },
        "services": _describe_services(standard.services) if standard.services else None,
        "tiers": [_describe_tier(tier) for tier in standard.tiers],
        "rules": list(standard.rules),
        "clauses": dict(standard.clauses),
        "pilots": [
            {
                "code": pilot.code,
                "name": pilot.name,
                "district": pilot.district,
                "mode": pilot.mode,
                "grant_wan": pilot.grant_wan,
                "city_wan": pilot.city_wan,
                "district_wan": pilot.district_wan,
                "today": _describe_unit(succession.find_pilot(pilot)),
                "district_today": _describe_district(succession.find_district(pilot.district)),
            }
            for pilot in standard.pilots.values()
        ],
        "grants": _describe_grants(add_up_pilots(standard), succession)
        if standard.pilots
        else None,
        "sources": {
            id_: {"title": describe_text(title), "url": standard.urls.get(id_)}
            for id_, title in standard.sources.items()
        },
    }


def _say_section(title: Text, lang: Language) -> list[str]:
    return ["", title.say(lang)]


def _say_validity(standard: Standard, lang: Language) -> str:
    starts, ends = standard.valid_from, standard.valid_to
    if starts and ends:
        return Text(f"有效期 {starts} 至 {ends}", f"valid from {starts} to {ends}").say(lang)
    if starts:
        return Text(f"{starts} 起有效", f"valid from {starts}").say(lang)
    if ends:
        return Text(f"有效至 {ends}", f"valid until {ends}").say(lang)
    return Text("未注明有效期", "no dates of validity").say(lang)


def _say_statuses(standard: Standard, lang: Language) -> str:
    counts = {status: count for status, count in _count_statuses(standard).items() if count}
    number = len(standard.thresholds)
    if lang == "zh":
        listed = "、".join(f"{THRESHOLD_WORDS[one].zh} {count}" for one, count in counts.items())
        return f"{number} 项阈值（{listed}）"
    listed = ", ".join(f"{count} {THRESHOLD_WORDS[one].en}" for one, count in counts.items())
    return f"{number} thresholds ({listed})"


def _say_figure(standard: Standard, one: Threshold, title: Text, lang: Language) -> list[str]:
    """Return one line with the figure, and one that says where it comes from."""
    figure, status = say_threshold(one), say_status(one.status)
    return [
        f"{INDENT}{one.name}（{title.zh}）：{figure.zh}，{status.zh}"
        if lang == "zh"
        else f"{INDENT}{one.name} ({title.en}): {figure.en}, {status.en}",
        _say_origin(standard, one, lang),
    ]


def _say_origin(
    standard: Standard, one: Threshold | Services | TierFacility, lang: Language
) -> str:
    title = standard.sources.get(one.source)
    parts = [title.say(lang) if title else one.source]
    if one.clause:
        parts.append(Text(f"条款 {one.clause}", f"clause {one.clause}").say(lang))
    if not isinstance(one, TierFacility) and one.adopted_by:
        by, day = one.adopted_by, one.adopted_on
        parts.append(Text(f"{by} 于 {day} 采用", f"adopted by {by} on {day}").say(lang))
    if one.note:
        parts.append(one.note.say(lang))
    return INDENT * 3 + Text("；", "; ").say(lang).join(parts)


def _say_services(standard: Standard, services: Services, lang: Language) -> list[str]:
    lines = []
    labels = {str(choice.value): choice.label for choice in find_field("services").choices}
    for word, names in (
        (Text("必备", "required"), services.required),
        (Text("建议", "recommended"), services.recommended),
    ):
        listed = ", ".join(
            f"{name} ({labels[name].say(lang)})" if name in labels else name for name in names
        )
        lines += [f"{INDENT}{word.say(lang)}: {listed}"] if names else []
    lines[-1:] = [f"{line}, {THRESHOLD_WORDS[services.status].say(lang)}" for line in lines[-1:]]
    return [*lines, _say_origin(standard, services, lang)]


def _say_tier(standard: Standard, tier: Tier, lang: Language) -> list[str]:
    clause = f"{INDENT}{tier.clause}" if tier.clause else ""
    head = Text(
        f"{tier.title.zh}（{tier.name}，步行 {tier.minutes:g} 分钟）{clause}",
        f"{tier.title.en} ({tier.name}, {tier.minutes:g} minutes on foot){clause}",
    )
    lines = _say_section(head, lang)
    for name, figure in tier.figures.items():
        lines += _say_figure(standard, figure, TIER_FIGURES[name].title, lang)
    for facility in tier.facilities:
        status = THRESHOLD_WORDS[facility.status].say(lang)
        lines.append(f"{INDENT}{facility.name} ({facility.title.say(lang)}), {status}")
        lines.append(_say_origin(standard, facility, lang))
        for name, figure in facility.figures.items():
            told = _say_figure(standard, figure, FACILITY_FIGURES[name].title, lang)
            lines += [f"{INDENT}{line}" for line in told]
    return lines


def _say_pilot(pilot: Pilot, succession: Succession, lang: Language) -> str:
    mode = find_field("mode").choose(str(pilot.mode))
    labels = {choice.value: choice.label for choice in find_field("mode").choices}
    district = pilot.district + _say_fate(succession.find_district(pilot.district), lang)
    name = pilot.name + _say_fate(succession.find_pilot(pilot), lang)
    parts = [pilot.code, district, name, labels[mode or pilot.mode].say(lang)]
    if pilot.grant_wan is not None:
        grant, city, own = (
            f"{amount:g}"
            for amount in (pilot.grant_wan, pilot.city_wan or 0, pilot.district_wan or 0)
        )
        parts.append(
            Text(
                f"{grant} 万元（市 {city}，区 {own}）",
                f"grant of {grant} (city {city}, district {own}) × 10,000 yuan",
            ).say(lang)
        )
    return INDENT + INDENT.join(part for part in parts if part)


def add_up_pilots(standard: Standard) -> GrantTable:
    """Return the grants of a standard's pilots by district, with the fee of the evaluations."""
    granted = [(pilot.district, pilot) for pilot in standard.pilots.values()]
    return add_up_grants(granted, standard.number("evaluation_fee"))


def _say_grants(table: GrantTable, succession: Succession, lang: Language) -> list[str]:
    """Return a line for each district, the sum of all, and the fee."""
    if not table.count:
        return []
    lines = _say_section(Text("补助，万元", "Grants, in 10,000 yuan"), lang)
    total = GrantLine(Text("合计", "in all").say(lang), table.count, table.total)
    for line in (*table.lines, total):
        split = line.split
        text = Text(
            f"{line.count} 个，共 {split.grant_wan:g}"
            f"（市 {split.city_wan:g}，区 {split.district_wan:g}）",
            f"{line.count}, together {split.grant_wan:g}"
            f" (city {split.city_wan:g}, district {split.district_wan:g})",
        )
        fate = _say_fate(succession.find_district(line.district), lang)
        lines.append(f"{INDENT}{line.district}{fate}{INDENT}{text.say(lang)}")
    if table.fee_wan is not None:
        fee = Text(f"评估费 {table.fee_wan:g}", f"fee of the evaluations: {table.fee_wan:g}")
        lines.append(f"{INDENT}{fee.say(lang)}{INDENT}{table.fee_note.say(lang)}")
    return lines


def _describe_grants(table: GrantTable, succession: Succession) -> dict[str, object]:
    def describe(line: GrantLine) -> dict[str, object]:
        split = line.split
        return {
            "district": line.district,
            "district_today": _describe_district(succession.find_district(line.district)),
            "pilots": line.count,
            "grant_wan": split.grant_wan,
            "city_wan": split.city_wan,
            "district_wan": split.district_wan,
        }

    return {
        "districts": [describe(line) for line in table.lines],
        "grant_wan": table.total.grant_wan,
        "city_wan": table.total.city_wan,
        "district_wan": table.total.district_wan,
        "pilots": table.count,
        "without": table.without,
        "fee_wan": table.fee_wan,
    }


def _describe_unit(unit: FormerUnit | None) -> dict[str, object] | None:
    """Return what became of a pilot; None where it is what it was, or nothing is known."""
    if unit is None or unit.change == "kept":
        return None
    return {"codes": list(unit.today), "change": unit.change, "by_year": unit.by_year}


def _describe_district(former: FormerDistrict | None) -> dict[str, object] | None:
    if former is None:
        return None
    return {"name": former.today, "change": former.change, "by_year": former.by_year}


def _say_fate(former: FormerDistrict | FormerUnit | None, lang: Language) -> str:
    """Say in brackets what became of a place; nothing where it is what it was."""
    fate = former.fate if former else None
    return Text(f"（{fate.zh}）", f" ({fate.en})").say(lang) if fate else ""


def _describe_head(standard: Standard) -> dict[str, object]:
    return {
        "id": standard.id,
        "title": describe_text(standard.title),
        "valid_from": _write_day(standard.valid_from),
        "valid_to": _write_day(standard.valid_to),
    }


def _count_statuses(standard: Standard) -> dict[str, int]:
    counts = Counter(one.status for one in standard.thresholds.values())
    return {status: counts[status] for status in STATUSES}


def _describe_figures(figures: Iterable[Threshold]) -> dict[str, object]:
    return {
        one.name: {
            "value": one.plain,
            "unit": one.unit,
            "op": one.op,
            "by": _write_day(one.by),
            **_describe_origin(one),
            "adopted_by": one.adopted_by,
            "adopted_on": _write_day(one.adopted_on),
        }
        for one in figures
    }


def _describe_origin(one: Threshold | Services | TierFacility) -> dict[str, object]:
    note = describe_text(one.note) if one.note else None
    return {"status": one.status, "source": one.source, "clause": one.clause, "note": note}


def _describe_services(services: Services) -> dict[str, object]:
    return {
        "required": list(services.required),
        "recommended": list(services.recommended),
        **_describe_origin(services),
        "adopted_by": services.adopted_by,
        "adopted_on": _write_day(services.adopted_on),
    }


def _describe_tier(tier: Tier) -> dict[str, object]:
    return {
        "name": tier.name,
        "title": describe_text(tier.title),
        "minutes": tier.minutes,
        "clause": tier.clause,
        "figures": _describe_figures(tier.figures.values()),
        "facilities": [
            {
                "name": facility.name,
                "title": describe_text(facility.title),
                **_describe_origin(facility),
                "figures": _describe_figures(facility.figures.values()),
            }
            for facility in tier.facilities
        ],
    }


def _write_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _write(document: dict[str, object]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode("utf-8", errors="replace")
