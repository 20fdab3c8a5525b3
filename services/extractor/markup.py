"""What a page says of itself outside JSON-LD: meta elements, microdata, links."""

from collections.abc import Iterable, Iterator
from itertools import islice

from lxml import html

from services.extractor.parse import tidy

_MAX_METAS = 1000  # of each kind; a page with more is a trap
_MAX_READ = 50  # elements whose text is read for one question; no story has as many headlines or authors
_MAX_RAW = 5000  # characters read of one element, the indentation of its template included
_MAX_TEXT = 500  # characters kept of them; a title or a byline is shorter


class Markup:
    """Meta elements, microdata and links of a tree, each found by lower-case name."""

    def __init__(self, tree: html.HtmlElement) -> None:
        self._tree = tree
        self._metas: dict[str, list[str]] = {}
        self._items: dict[str, list[html.HtmlElement]] = {}
        for meta in islice(tree.iter("meta"), _MAX_METAS):
            for attribute in ("property", "name", "http-equiv"):
                if name := meta.get(attribute):
                    self._metas.setdefault(name.strip().lower(), []).append(meta.get("content") or "")
        for element in islice(tree.iterfind(".//*[@itemprop]"), _MAX_METAS):
            for name in element.get("itemprop", "").lower().split():
                self._items.setdefault(name, []).append(element)

    def metas(self, *names: str) -> Iterator[str]:
        """Give the contents of meta elements, in the order of `names`."""
        return (value for name in names for raw in self._metas.get(name, ()) if (value := tidy(raw)))

    def meta(self, *names: str) -> str:
        """Return the first content of the meta elements called so, or nothing."""
        return next(self.metas(*names), "")

    def items(self, name: str) -> Iterator[str]:
        """Give the values of a microdata property that belong to the page's story, not to a nested thing."""
        return (value for element in _apart(self._items.get(name, ())) if (value := _item_value(element)))

    def names(self, items: str) -> Iterator[str]:
        """Give the names of microdata things: of `<span itemprop=author><b itemprop=name>` the inner text."""
        for element in _apart(self._items.get(items, ())):
            inner = next((e for e in element.iterfind('.//*[@itemprop="name"]')), element)
            if value := _item_value(inner):
                yield value

    def times(self) -> Iterator[str]:
        """Give the moments of the page's `<time>` elements."""
        for element in islice(self._tree.iterfind(".//time[@datetime]"), _MAX_METAS):
            yield tidy(element.get("datetime"))

    def link(self, rel: str) -> str:
        """Return the target of the first `<link rel=…>`, as written."""
        for link in self._tree.iterfind(".//link[@rel]"):
            if rel in link.get("rel", "").lower().split():
                return (link.get("href") or "").strip()
        return ""

    def texts(self, xpath: str) -> Iterator[str]:
        """Give the texts of the elements at a path of ElementTree's small XPath."""
        found = islice(self._tree.iterfind(xpath), _MAX_METAS)
        return (value for element in _apart(found) if (value := _text(element)))


def _apart(elements: Iterable[html.HtmlElement]) -> Iterator[html.HtmlElement]:
    """Give the first of `elements`, which come in document order, without those inside one already given.

    Else the text of a page in 250 nested bylines would be read 250 times.
    """
    last: html.HtmlElement | None = None
    given = 0
    for element in elements:
        if given == _MAX_READ:
            return
        if last is None or last not in element.iterancestors():
            last = element
            given += 1
            yield element


def _text(element: html.HtmlElement) -> str:
    """Return the beginning of an element's text, in one line. No more of the element is read."""
    pieces: list[str] = []
    left = _MAX_RAW
    for piece in element.itertext():
        pieces.append(piece[:left])
        left -= len(pieces[-1])
        if not left:
            break
    return tidy("".join(pieces))[:_MAX_TEXT]


def _item_value(element: html.HtmlElement) -> str:
    for attribute in ("content", "datetime", "title"):
        if value := tidy(element.get(attribute)):
            return value
    return _text(element) or tidy(element.get("href"))
