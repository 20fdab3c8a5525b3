"""Numbers as news writes them."""

import re

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS = {w: n for n, w in enumerate(_ONES)} | _TENS

#: Vague counts, and the least that each may mean. After the coding guideline of the evaluation data.
VAGUE = {
    "several dozen": 24,
    "several hundred": 200,
    "many dozens": 24,
    "several": 3,
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2000,
    "many": None,
    "some": None,
}

_TEN, _DIGIT, _ONE = "|".join(_TENS), "|".join(_ONES[1:10]), "|".join(sorted(_ONES[1:], key=len, reverse=True))
#: Pattern of an exact number: 1,200 or 12 or "twenty-one". Has no groups of its own.
NUMBER = (
    rf"(?:(?:a|{_DIGIT}|ten) (?:dozen|hundred|thousand)\b|\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}"
    rf"|(?:{_TEN})(?:[- ](?:{_DIGIT}))?|{_ONE}|(?:a|one) couple)"
)
_MULTIPLES = {"couple": 2, "dozen": 12, "hundred": 100, "thousand": 1000}
_DIGITS = re.compile(r"\d+\Z")
#: Digits of the longest number that may count people. The sum of all groups that one sentence can hold stays below
#: what `Toll` allows, and no run of digits is too long to be read.
_LONGEST = 7


def value(word: str) -> int | None:
    """Return the number a lower-cased word or numeral stands for ("a" is one); None where it is none or too long."""
    plain = word.replace(",", "").strip()
    if _DIGITS.match(plain):
        return int(plain) if len(plain) <= _LONGEST else None
    if plain in ("a", "an"):
        return 1
    parts = re.split(r"[- ]", plain)
    if len(parts) > 1 and parts[-1] in _MULTIPLES:
        return _WORDS.get(parts[0], 1) * _MULTIPLES[parts[-1]]
    known = [_WORDS[p] for p in parts if p in _WORDS]
    return sum(known) if known and len(known) == len(parts) else None


def is_plural(word: str) -> bool:
    """Tell whether a lower-cased noun looks like more than one."""
    return (
        word in _MANY
        or word.endswith("men")
        or (word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORT)
    )


_SHORT = 3
_MANY = frozenset({"people", "children", "grandchildren", "police", "staff", "troops"})
