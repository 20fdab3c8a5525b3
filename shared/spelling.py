"""One spelling of what is written in several: without accents, and names in lower case besides."""

import unicodedata

#: Letters that Unicode takes for whole, accent and all.
_LETTERS = str.maketrans("łŁøØđĐħĦ\u0131", "lLoOdDhHi") | {ord("æ"): "ae", ord("œ"): "oe"}
#: Apostrophes and the like, which one writer puts into a name and another leaves out.
_MARKS = str.maketrans("", "", "'`´‘’ʻʼʾʿ")  # noqa: RUF001 - the marks that are meant


def without_accents(text: str) -> str:
    """Return `text` with Medellín as Medellin and Łódź as Lodz."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)


def plain(name: str) -> str:
    """Return a name as it is compared: lower case, without accents or apostrophes; Sana'a is sanaa."""
    return without_accents(without_accents(name).translate(_MARKS).casefold())
