"""What is wrong with files that are about to be sent: sentences, or the JSON of `check --json`."""

import json
from collections import Counter
from collections.abc import Sequence

from siteplan.errors import Defect, Language, Severity, Text
from siteplan.files import clean_text
from siteplan.model import CheckedFile, FileKind
from siteplan.outputs.results import describe_defect

FORMAT = "siteplan-check/1"
SEVERITIES: dict[Severity, tuple[Text, Text]] = {
    "error": (Text("错误", "Error"), Text("个错误", "error")),
    "warning": (Text("提醒", "Warning"), Text("个提醒", "warning")),
    "note": (Text("说明", "Note"), Text("个说明", "note")),
}
KINDS: dict[FileKind, tuple[Text, Text]] = {
    "proposals": (Text("个场地", "site"), Text("可以报送", "ready to send")),
    "boundaries": (Text("个街道", "subdistrict"), Text("可以用作街道边界", "ready to use")),
    "unknown": (Text("个要素", "feature"), Text("看不出是什么文件", "of no known kind")),
}
"""What a file holds, and what it is without errors."""


def write_check(files: Sequence[CheckedFile]) -> bytes:
    """Return all files and their defects as JSON, format `siteplan-check/1`."""
    document = {
        "format": FORMAT,
        "files": [
            {
                "path": file.path,
                "kind": file.kind,
                "usable": file.usable,
                "features": file.features,
                "datum": file.datum,
                "defects": [
                    {**describe_defect(defect), "mended": defect.mended} for defect in file.defects
                ],
            }
            for file in files
        ],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode("utf-8", errors="replace")


def say_check(files: Sequence[CheckedFile], lang: Language) -> str:
    """Return a line for each defect, and under those of a file one that sums them up."""
    lines: list[str] = []
    for file in files:
        lines += [f"{say_severity(defect, lang)}{defect.say(lang)}" for defect in file.defects]
        lines.append(_sum_up(file, lang))
    return "\n".join(clean_text(line) for line in lines)


def say_severity(defect: Defect, lang: Language) -> str:
    """Return the word that stands before a defect."""
    word = SEVERITIES[defect.severity][0]
    return f"{word.zh}：" if lang == "zh" else f"{word.en}: "


def _sum_up(file: CheckedFile, lang: Language) -> str:
    counts = Counter(defect.severity for defect in file.defects)
    found = [
        _count(counts[severity], words)
        for severity, (_, words) in SEVERITIES.items()
        if counts[severity]
    ]
    mended = sum(defect.mended is not None for defect in file.defects)
    unit, ready = KINDS[file.kind]
    verdict = ready if file.usable else Text("须先更正", "to be corrected first")
    parts = [_count(file.features, unit), *found, verdict]
    if mended:
        parts.append(Text(f"其中 {mended} 个可用 --fix 更正", f"--fix corrects {mended} of these"))
    if lang == "zh":
        return f"{file.path}：{'，'.join(part.zh for part in parts)}。"
    return f"{file.path}: {', '.join(part.en for part in parts)}."


def _count(number: int, words: Text) -> Text:
    return Text(f"{number} {words.zh}", f"{number} {words.en}{'' if number == 1 else 's'}")
