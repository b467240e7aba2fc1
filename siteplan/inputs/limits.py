"""How large a file may be that comes from outside."""

import stat
from dataclasses import dataclass
from pathlib import Path

from siteplan.errors import Defect, InputError, Text

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a proposals file may hold: far more than any street sends, far less than does harm.

    Attributes
    ----------
    megabytes
        Of the file, as it lies on the disk.
    features
        Features, or rows of a table.
    vertices
        Of all geometries together.
    nesting
        Lists and objects of JSON inside each other.
    """

    megabytes: float = 10
    features: int = 5_000
    vertices: int = 200_000
    nesting: int = 32


def check_size(path: Path, label: str, limits: Limits) -> None:
    """Refuse what is no plain file, or larger than allowed, before a byte of it is read.

    Raises
    ------
    InputError
        If it is.
    """
    try:
        known = path.stat()
    except OSError:
        return  # reading it will say why
    if not stat.S_ISREG(known.st_mode):  # a pipe would be waited for, a device read without end
        problem = Text("不是普通文件", "is not a plain file")
        remedy = Text("请把它另存为文件", "Save it as a file")
        raise InputError(Defect(label, problem, remedy))
    size = known.st_size
    if size > limits.megabytes * MB:
        raise InputError(say_excess(label, "megabytes", size / MB, limits.megabytes))


def say_excess(label: str, name: str, count: float, most: float) -> Defect:
    """Return the defect of a file that holds too much of something.

    Parameters
    ----------
    label
        The file in messages.
    name
        One of the attributes of `Limits`, which is its key under `[limits]` too; or `values`, of
        which there may be so many for each of the vertices.
    count, most
        How much it holds, and how much it may.
    """
    words = {
        "megabytes": Text("大小（MB）", "megabytes"),
        "features": Text("要素数", "features"),
        "vertices": Text("顶点数", "vertices"),
        "nesting": Text("嵌套层数", "levels of nesting"),
        "values": Text("数值个数", "values"),
    }
    word, key = words[name], "vertices" if name == "values" else name
    problem = Text(
        f"{word.zh} {count:,.10g} 超过上限 {most:,.10g}",
        f"has {count:,.10g} {word.en}, more than the {most:,.10g} allowed",
    )
    remedy = Text(
        f"请只保留申报的场地，或在 siteplan.toml 的 [limits] 中改 {key}",
        f"Keep only what is proposed, or raise {key} under [limits] in siteplan.toml",
    )
    return Defect(label, problem, remedy)
