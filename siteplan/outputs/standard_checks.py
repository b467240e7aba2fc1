"""What is wrong or doubtful in planning standards a bureau has written: in words and as JSON."""

import difflib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siteplan.errors import Defect, InputError, Language, Severity, Text, join_names
from siteplan.files import clean_text
from siteplan.model import Standard
from siteplan.model.standard import THRESHOLDS
from siteplan.outputs.checks import SEVERITIES, say_severity
from siteplan.outputs.results import describe_defect
from siteplan.schema import find_field
from siteplan.standard import REQUIRED, read_standard

FORMAT = "siteplan-standards-check/1"
ALWAYS_READ = {*REQUIRED, "walk_speed"}  # by what measures, and by --minutes
SERVICES_RULE = "N10"


@dataclass(frozen=True, slots=True)
class CheckedStandard:
    """A file with a standard, and what is wrong with it.

    Attributes
    ----------
    path
        As it was given.
    standard
        None where an error keeps it from being read.
    defects
        Errors, or else warnings and notes.
    """

    path: str
    standard: Standard | None
    defects: tuple[Defect, ...]

    @property
    def usable(self) -> bool:
        """Whether cases can be judged by it."""
        return all(defect.severity != "error" for defect in self.defects)


def check_standards(paths: Iterable[str], rules: Collection[str]) -> list[CheckedStandard]:
    """Read standards and find what is wrong or doubtful in each.

    Parameters
    ----------
    paths
        Files, or ids of standards that come with siteplan.
    rules
        Codes of all rules there are.
    """
    return [_check_standard(path, rules) for path in paths]


def say_checks(checked: Sequence[CheckedStandard], lang: Language) -> str:
    """Return a line for each defect, and under those of a file one that sums them up."""
    lines: list[str] = []
    for one in checked:
        lines += [f"{say_severity(defect, lang)}{defect.say(lang)}" for defect in one.defects]
        lines.append(_sum_up(one, lang))
    return "\n".join(clean_text(line) for line in lines)


def write_checks(checked: Sequence[CheckedStandard]) -> bytes:
    """Return files and their defects as JSON, format `siteplan-standards-check/1`."""
    files = [
        {
            "path": one.path,
            "id": one.standard.id if one.standard else None,
            "usable": one.usable,
            "defects": [describe_defect(defect) for defect in one.defects],
        }
        for one in checked
    ]
    document = {"format": FORMAT, "files": files}
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode("utf-8", errors="replace")


def _check_standard(path: str, rules: Collection[str]) -> CheckedStandard:
    try:
        standard = read_standard(path, Path())
    except InputError as error:
        return CheckedStandard(path, None, error.defects)
    defects = [
        *_check_codes(standard, path, rules),
        *_check_clauses(standard, path),
        *_check_services(standard, path),
        *_check_use(standard, path, rules),
    ]
    return CheckedStandard(path, standard, tuple(defects))


def _make_defect(path: str, severity: Severity, field: str, problem: Text, remedy: Text) -> Defect:
    return Defect(path, problem, remedy, stage="fields", severity=severity, field=field)


def _check_codes(standard: Standard, path: str, rules: Collection[str]) -> list[Defect]:
    """List rules that do not exist: nothing can be judged by them."""
    listed = join_names(sorted(rules), most=len(rules))
    remedy = Text(f"可用的规则：{listed.zh}", f"Known rules: {listed.en}")
    defects = []
    places: list[tuple[Severity, str, Iterable[str]]] = [
        ("error", "rules.enable", standard.rules),
        ("note", "clause", standard.clauses),  # judged by nothing, so it harms nothing
    ]
    for severity, field, codes in places:
        strange = [code for code in codes if code not in rules]
        unknown = join_names(strange, most=len(strange))
        if strange:
            problem = Text(
                f"{field}：没有规则 {unknown.zh}", f"{field}: there is no rule {unknown.en}"
            )
            defects.append(_make_defect(path, severity, field, problem, remedy))
    return defects


def _check_clauses(standard: Standard, path: str) -> list[Defect]:
    """List what is said to be quoted, but not from where in its source."""
    named = [(f"threshold.{name}", one) for name, one in standard.thresholds.items()]
    named += [
        (f"district.{district}.{name}", one)
        for district, own in standard.districts.items()
        for name, one in own.items()
    ]
    named += [("services", standard.services.threshold)] if standard.services else []
    for tier in standard.tiers:
        named += [
            (f"tier.{tier.name}.{name}", one)
            for name, one in tier.figures.items()
            if tier.clause is None
        ]
        named += [
            (f"tier.{tier.name}.facility.{facility.name}.{name}", one)
            for facility in tier.facilities
            for name, one in facility.figures.items()
        ]
    return [
        _make_defect(
            path,
            "warning",
            field,
            Text(f"{field} 引自原文，但没有条款", f"{field} is quoted without a clause"),
            Text("请写 clause，以便核对", "Give its clause, so that it can be looked up"),
        )
        for field, one in named
        if one.status == "quoted" and not one.clause
    ]


def _check_services(standard: Standard, path: str) -> list[Defect]:
    """List services that proposals do not name like that."""
    field, defects = find_field("services"), []
    known = [str(choice.value) for choice in field.choices]
    services = standard.services
    for word in (*services.required, *services.recommended) if services else ():
        meant = field.choose(word)
        problem = Text(f"services 含有 {word}", f"services has {word}")
        if meant is not None and meant != word:
            remedy = Text(f"请写 {meant}", f"Write {meant}")
            defects.append(_make_defect(path, "warning", "services", problem, remedy))
        elif meant is None:
            near = difflib.get_close_matches(word, known, n=1) or known
            listed = ", ".join(near)
            remedy = Text(
                f"申报表提供 {listed}；其他服务须由街道写成同样的字",
                f"Proposals are offered {listed}; another one counts where a street writes it"
                " just so",
            )
            defects.append(_make_defect(path, "note", "services", problem, remedy))
    return defects


def _check_use(standard: Standard, path: str, rules: Collection[str]) -> list[Defect]:
    """Note figures that no rule of the standard reads, and those that its rules lack."""
    read = {name: set(kind.rules) & set(standard.rules) for name, kind in THRESHOLDS.items()}
    given = {*standard.thresholds, *(name for own in standard.districts.values() for name in own)}
    unread = [
        name for name in THRESHOLDS if name in given and not read[name] and name not in ALWAYS_READ
    ]
    if standard.services and SERVICES_RULE not in standard.rules:
        unread.append("services")
    lacking = [
        f"{name} ({', '.join(sorted(read[name] & set(rules)))})"
        for name in THRESHOLDS
        if name not in given and read[name] & set(rules)
    ]
    defects = []
    if unread:
        names = join_names(unread, most=len(unread))
        problem = Text(f"所列规则均未用到 {names.zh}", f"no rule that it enables reads {names.en}")
        remedy = Text("需要时请在 rules.enable 中加上规则", "Enable a rule where one is wanted")
        defects.append(_make_defect(path, "note", "rules.enable", problem, remedy))
    if lacking:
        names = join_names(lacking, most=len(lacking))
        problem = Text(f"没有给出 {names.zh}", f"gives no {names.en}")
        remedy = Text(
            "有关规则可能无法判定：请给出数值，或不列这些规则",
            "Those rules may stay without an answer: give the figure, or leave them out",
        )
        defects.append(_make_defect(path, "note", "threshold", problem, remedy))
    return defects


def _sum_up(one: CheckedStandard, lang: Language) -> str:
    counts = Counter(defect.severity for defect in one.defects)
    parts = [
        Text(
            f"{counts[severity]} {words.zh}",
            f"{counts[severity]} {words.en}{'' if counts[severity] == 1 else 's'}",
        )
        for severity, (_, words) in SEVERITIES.items()
        if counts[severity]
    ]
    if one.standard:
        number = len(one.standard.thresholds)
        parts.insert(0, Text(f"{number} 项阈值", f"{number} thresholds"))
    parts.append(
        Text("可以使用", "ready to use")
        if one.usable
        else Text("须先更正", "to be corrected first")
    )
    if lang == "zh":
        return f"{one.path}：{'，'.join(part.zh for part in parts)}。"
    return f"{one.path}: {', '.join(part.en for part in parts)}."
