"""Lines that stand below a story and are no part of it: comment forms, sharing, newsletters."""

import re

# Whole lines only, and only at the end: "Share" within a story may be the story's.
_LINES = re.compile(
    r"""(
      source\s+links? | via:? | (read|view|see)\s+(the\s+)?original(\s+(article|post|story))?
    | (leave|post|write|add)\s+a\s+(reply|comment).* | cancel\s+reply | post\s+comment | submit(\s+comment)? | reply
    | your\s+(e-?mail(\s+address)?|email)\s+(will\s+not|won't)\s+be\s+published.* | required\s+fields\s+are\s+marked.*
    | save\s+my\s+name.* | notify\s+me\s+of\s+new.* | this\s+site\s+uses\s+akismet.*
    | (you\s+must\s+be\s+)?log(ged)?\s+in\s+to\s+(post|leave)\s+a\s+(comment|reply).*
    | learn\s+how\s+your\s+comment\s+data.* | comments?(\s+are\s+closed)?[.:*\s]* | no\s+comments(\s+yet)?
    | \d+\s+comments? | name\s*\*? | e-?mail\s*\*? | website
    | share(\s+(this|on|via|with)(\s+\S+){0,4})?\s*:? | click\s+to\s+(share|email|print|tweet)\b.*
    | tweet | whatsapp | facebook | twitter | linkedin | telegram | pinterest | print
    | (like\s+this\s*:?\s*)?(like)?(\s*loading\.*)?
    | (please\s+)?(follow|like|find|join)\s+us\s+(on|at)\b.{0,120}
    | follow\s+\S+\s+on\s+(twitter|x|facebook|google).{0,60}
    | (sign\s+up|subscribe)\s+(here\s+)?(to|for)\s+(our|the|daily|weekly|free)\b.{0,120}
    | (get|receive)\s+.{0,60}\b(newsletter|inbox)\b.{0,100} | like\s+this\s+(story|article)\?.{0,80}
    | subscribe(\s+now)? | advertisements? | advert | sponsored
    | related(\s+(articles?|stories|posts|news|topics|content))?:? | recommended(\s+for\s+you)?:?
    | (you\s+)?(may|might)\s+also\s+(like|be\s+interested).{0,40}
    | more\s+(from|on)\s+this\s+(author|topic|story|section)
    | (read|see)\s+(more|next|also):? | most\s+(read|popular) | back\s+to\s+top
    | (©|\(c\)|copyright)\s.{0,160} | all\s+rights\s+reserved\.? | [\W_]*
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 250  # characters; a longer line is prose
_BULLET = "-*•| "


def strip_end(text: str) -> str:
    """Return `text` without the boilerplate lines at its end."""
    lines = text.split("\n")
    while lines and _is_boilerplate(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def _is_boilerplate(line: str) -> bool:
    bare = line.strip().strip(_BULLET)
    return len(bare) <= _LONGEST and _LINES.fullmatch(bare) is not None
