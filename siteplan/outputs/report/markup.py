"""HTML as text: written from our own tags and from escaped text alone, in both languages."""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from siteplan.errors import Text
from siteplan.outputs.page import replace_unwritable
from siteplan.outputs.paper.svg import LANGUAGES, write_text


def mark(tag: str, *children: str, **attributes: str | None) -> str:
    """Return an element; an underscore in a name stands for a hyphen, None leaves one out.

    Parameters
    ----------
    tag
        Of the element; ours, never text from a file.
    children
        Markup.
    attributes
        Escaped here.

    Examples
    --------
    >>> mark("td", "1", class_="number", title="a&b")
    '<td class="number" title="a&amp;b">1</td>'
    """
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}={quoteattr(replace_unwritable(value))}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{''.join(children)}</{tag}>"


def quote(text: str | None) -> str:
    """Return text from a file: letters from right to left stay in their place; a dash for none."""
    return mark("bdi", write_text(text)) if text else "—"


def say(text: Text) -> str:
    """Return a text in both languages, of which the page shows one; once where they are the same.

    Examples
    --------
    >>> say(Text("人", "people"))
    '<span lang="zh">人</span><span lang="en">people</span>'
    """
    if text.zh == text.en:
        return write_text(text.zh)
    return "".join(mark("span", write_text(text.say(lang)), lang=lang) for lang in LANGUAGES)


def tell(zh: str, en: str) -> str:
    """Return words of ours in both languages."""
    return say(Text(zh, en))


def tabulate(
    head: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: Iterable[int] = (), kind: str
) -> str:
    """Return a table.

    Parameters
    ----------
    head, rows
        Cells as markup.
    numbers
        Columns aligned as figures, counted from 0.
    kind
        Class of the table.
    """
    right = set(numbers)

    def cell(tag: str, column: int, content: str) -> str:
        return mark(tag, content, class_="number" if column in right else None)

    top = mark("tr", *[cell("th", i, content) for i, content in enumerate(head)])
    body = [mark("tr", *[cell("td", i, one) for i, one in enumerate(row)]) for row in rows]
    return mark("table", mark("thead", top), mark("tbody", *body), class_=kind)
