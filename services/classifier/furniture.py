"""What stands around a story and is not part of it: invitations, credits, labels, notes on earlier versions."""

import re

#: A line this short is nothing but furniture if it begins as such: news tells more.
_SHORT = 200
_FURNITURE = re.compile(
    # What no sentence of news begins with …
    r"\W*(?:(?:click here|read more|sign up|subscribe|your email address|share this|follow us|all rights reserved"
    r"|image caption|source link|leave a reply|this story has been updated)\b|©"
    # … what one may begin with, but for the mark, year or owner behind …
    r"|(?:related (?:stories|articles|topics)|newsletters?|advertisements?|comments?) ?[:|]"
    r"|copyright(?: ?[:(©]| ?\d| by\b| the\b| \w+\W*$)"
    # … and what is furniture only when nothing else stands there.
    r"|(?:related (?:stories|articles|topics)|newsletters?|advertisements?|comments?|copyright)\W*$"
    r"|(?-i:(?:By|BY) [A-Z]\w+ [A-Z]\w+)\W*$)",
    re.IGNORECASE,
)
#: Notes on what earlier versions of the story said: their numbers are withdrawn.
_NOTE = re.compile(
    r"\W*(?:(?:correction|clarification|editor['\u2019]s note) ?[,:(]"
    r"|(?:corrections|clarifications)(?: (?:and|&) \w+)?:\s*(?-i:[^a-z\s])"
    r"|.*\b(?:earlier|previous|original) version of this (?:story|article|report|headline|dispatch)\b"
    r"|this (?:story|article|report) (?:has been|was) (?:corrected|amended|updated|edited))",
    re.IGNORECASE,
)
#: What may stand before the first words of a line, and the time that may be all that follows.
_LABEL = re.compile(r"\W*(?:(?i:(?:last )?updated:)|(?:Advertisement|ADVERTISEMENT)(?=\s+[A-Z]))\s*")
_TIME_CHARS = 60
_SMALL_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_A-Z][^\W\d_]*")
_TIME_WORDS = frozenset(
    {*("am", "pm", "a", "m", "p", "at", "on", "ago"), *("hour", "hours", "minute", "minutes", "day", "days")}
)


#: What makes a note a correction: the rest of its paragraph tells what was wrong.
_CORRECTS = re.compile(r"correct|clarif|amend|earlier|previous|original|misstat|error|wrong", re.IGNORECASE)


def corrects(note: str) -> bool:
    """Tell whether a note takes something back, so that what follows it in its paragraph is no news."""
    return _CORRECTS.search(note) is not None


def fills(line: str) -> bool:
    """Tell whether a line or a sentence is furniture from end to end."""
    return len(line) <= _SHORT and _FURNITURE.match(line) is not None


def begin(sentence: str) -> int | None:
    """Return the code point at which what a sentence tells begins, behind its label; None if it tells nothing."""
    label = _LABEL.match(sentence)
    if label is None:
        return None if fills(sentence) else 0
    rest = sentence[label.end() :]
    return None if not rest or _is_time(rest) or fills(rest) else label.end()


def _is_time(text: str) -> bool:
    if len(text) > _TIME_CHARS or not any(c.isdigit() for c in text):
        return False
    return _TIME_WORDS.issuperset(_SMALL_WORD.findall(text))


def is_note(sentence: str) -> bool:
    """Tell whether a sentence says what an earlier version of the story said."""
    return _NOTE.match(sentence) is not None
