"""The residents of a case as the files that the case reads, and as a table on the terminal."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

from siteplan.errors import Language, Text
from siteplan.files import clean_text, defuse_cell
from siteplan.model.counted import WRITTEN, Counted
from siteplan.outputs.columns import align_columns

FOLDER = "data"
POPULATION, RESIDENTS = "population.csv", "residents.csv"
WRITER = "siteplan"
MARKS = dict.fromkeys((POPULATION, RESIDENTS), f",{WRITTEN}".encode())
"""What siteplan's own file of each name has in its header."""
HEADER = (
    Text("代码", "code"),
    Text("街道", "subdistrict"),
    Text("文件", "file"),
    Text("普查", "census"),
    Text("相差", "difference"),
)
RIGHT = {2, 3, 4}
PEOPLE_DIGITS, DEGREE_DIGITS = 3, 9


def write_counted(counted: Counted) -> dict[str, bytes]:
    """Return the files for the folder `data` of the case, by name."""
    contents = {POPULATION: _write_population(counted)}
    if counted.places is not None:
        contents[RESIDENTS] = _write_residents(counted)
    return contents


def say_counted(counted: Counted, lang: Language) -> str:
    """Return a line for each subdistrict, the sums, and the notes.

    The difference is that of the file from the census, as a share of the census. Summed up are the
    subdistricts that both have.
    """
    rows = [[text.say(lang) for text in HEADER]]
    both = [one for one in counted.rows if one.figure is not None and one.census is not None]
    for one in counted.rows:
        figures = [_say_people(one.figure), _say_people(one.census)]
        rows.append([one.code, one.name, *figures, _say_difference(one.figure, one.census)])
    if len(both) > 1:
        figure = math.fsum(one.figure or 0 for one in both)
        census = math.fsum(one.census or 0 for one in both)
        label = Text("合计", "in all").say(lang)
        rows.append(
            [label, "", _say_people(figure), _say_people(census), _say_difference(figure, census)]
        )
    if all(one.census is None for one in counted.rows):
        rows = [row[:3] for row in rows]
    lines = align_columns([[clean_text(cell) for cell in row] for row in rows], RIGHT)
    total = math.fsum(one.people for one in counted.rows)
    people = f"{total:,.0f}"
    lines.append(Text(f"写入人口 {people} 人", f"population written: {people}").say(lang))
    if counted.places is not None:
        places = f"{len(counted.places.weight):,}"
        lines.append(Text(f"居住地点 {places} 处", f"places of residents: {places}").say(lang))
    lines += [clean_text(note.say(lang)) for note in counted.notes]
    return "\n".join(lines)


def _say_people(people: float | None) -> str:
    return "—" if people is None else f"{people:,.0f}"


def _say_difference(figure: float | None, census: float | None) -> str:
    if figure is None or not census:
        return "—"
    return f"{(figure - census) / census:+.1%}"


def _write_population(counted: Counted) -> bytes:
    names = counted.columns.get("population", {})
    fields = ("code", "name", "year", "population")
    groups = sorted({group for row in counted.rows for group in row.groups})
    header = [names.get(key, key) for key in (*fields, "estimated", "source")]
    titles = [names.get(group, group) for group in groups]
    rows = [
        [
            row.code,
            row.name,
            "" if row.year is None else row.year,
            _write_people(row.people),
            "yes" if row.estimated else "no",
            row.source,
            WRITER,
            *(_write_people(row.groups[group]) if group in row.groups else "" for group in groups),
        ]
        for row in counted.rows
    ]
    return _write_table([*header, WRITTEN, *titles], rows)


def _write_residents(counted: Counted) -> bytes:
    """Return the places as a table; the datum stands in it, whatever the case says of others."""
    places, names = counted.places, counted.columns.get("residents", {})
    header = [*(names.get(key, key) for key in ("lon", "lat", "population")), "datum"]
    header += ["source", "year"]
    rows: Iterable[Sequence[object]] = ()
    if places is not None:
        rows = (
            [
                f"{lon:.{DEGREE_DIGITS}f}",
                f"{lat:.{DEGREE_DIGITS}f}",
                people,
                "wgs84",
                places.source,
                places.year,
                WRITER,
            ]
            for lon, lat, weight in zip(places.lon, places.lat, places.weight, strict=True)
            if (people := f"{weight:.9g}") != "0"
        )
    return _write_table([*header, WRITTEN], rows)


def _write_people(people: float) -> str:
    return f"{round(people, PEOPLE_DIGITS):.15g}"


def _write_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow([defuse_cell(cell) for cell in header])
    for row in rows:
        table.writerow([defuse_cell(cell) for cell in row])
    return stream.getvalue().encode("utf-8-sig")
