"""Bytes of a page to text, the way browsers do it, but trusting UTF-8 over what a page declares."""

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096
_DETECTED_BYTES = 20_000  # the detector costs a millisecond per kilobyte
_MOST_FAULTS = 0.005  # share of broken characters above which a declared encoding is taken for wrong

# Python's codecs that pages may name, and what browsers take them for (WHATWG encoding standard). A list, because
# Python has codecs (punycode, unicode_escape) that a page must not choose.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_ALLOWED = {
    *_SUPERSETS.values(),
    *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    *(f"cp125{page}" for page in range(9)),
    *("utf-8", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "euc_jp", "iso2022_jp"),
}


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of `body`; what cannot be read becomes U+FFFD.

    In this order: byte order mark; UTF-8 that is valid and not plain ASCII (no other encoding looks like it by chance);
    the charset of the Content-Type header; that of the first 4 kB; a guess from the letters; windows-1252.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = [name for name in (_named(content_type), _in_head(body)) if name]
    # ISO-2022-JP is written in ASCII bytes, so validity as UTF-8 says nothing there
    if "iso2022_jp" not in declared:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for name in declared:
        text = body.decode(name, "replace")
        if text.count("\ufffd") <= _MOST_FAULTS * len(text):
            return text
    guess = from_bytes(body[:_DETECTED_BYTES]).best()
    return body.decode(_known(guess.encoding if guess else "") or "cp1252", "replace")


def _named(content_type: str | None) -> str | None:
    match = _DECLARED.search((content_type or "").encode("ascii", "ignore"))
    return _known(match[1].decode()) if match else None


def _in_head(body: bytes) -> str | None:
    match = _DECLARED.search(body[:_HEAD_BYTES])
    return _known(match[1].decode("ascii", "ignore")) if match else None


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _SUPERSETS.get(name, name)
    return name if name in _ALLOWED else None
