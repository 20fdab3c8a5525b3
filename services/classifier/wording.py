"""How news words a toll: the patterns behind `casualties`, built from the phrases in `data/casualties.toml`.

Every repetition is bounded, so the cost of a search is linear in the sentence.
"""

import re
import tomllib
from enum import StrEnum

from services.classifier.lexicon import data
from services.classifier.numbers import NUMBER, VAGUE

_PHRASES: dict[str, list[str]] = tomllib.loads(data("casualties.toml"))


def _any(name: str) -> str:
    return f"(?:{'|'.join(_PHRASES[name])})"


class Harm(StrEnum):
    """What became of them. The values name the fields of `Event`."""

    KILLED = "killed"
    INJURED = "injured"


AT_LEAST, AT_MOST = re.compile(_any("at_least")), re.compile(_any("at_most"))

_QUANTIFIER = rf"(?:(?P<q>{_any('at_least')}|{_any('at_most')}|{_any('loose')}) )*"
#: "between 15 and 20", "three to nine": the lower end of a range.
_LOW = rf"(?:between (?P<low>{NUMBER}) and |(?P<least>{NUMBER})(?: to |-))?"
_COUNT = rf"{_QUANTIFIER}{_LOW}(?P<n>{NUMBER}|{'|'.join(VAGUE)}|an?|the)(?!\w)"
#: One word of a noun phrase: not a verb, not a clause's start, and not another number.
_WORD = (
    r"(?:\d{1,2}-(?:year|month|week)-old(?!\w)|"
    rf"(?!(?:{_any('not_noun')}|{NUMBER}|{'|'.join(VAGUE)}|at least|more than"
    rf"|and (?:an?|the|his|her|their|{NUMBER}|\d))\b)[^\W\d][\w'-]*)"
)
_NOUNS = rf"(?P<np>(?:[ ,]{{1,2}}{_WORD}){{0,6}}?)"
_PEOPLE = rf"(?P<np>(?:[ -](?!(?:and|in|on|at|as|along)\b){_WORD}){{0,4}})"
_AUX = rf"(?:,? {_any('aux')}){{0,3}}"

#: A number before its verb: "two soldiers were killed", "17 dead".
PASSIVE = {harm: re.compile(rf"\b{_COUNT}{_NOUNS}{_AUX}[ ,]{{1,2}}(?P<v>{_any(harm)})\b") for harm in Harm}
#: A number after its verb: "killing two soldiers", "wound 12".
ACTIVE = {
    Harm.KILLED: re.compile(rf"\b(?P<v>{_any('killing')}) {_COUNT}{_PEOPLE}"),
    Harm.INJURED: re.compile(rf"\b(?P<v>{_any('injuring')}) {_COUNT}{_PEOPLE}"),
}
#: Further groups under the same verb: "two soldiers, three policemen and a child", after it or before it.
_JOIN = r"(?P<join>, and| and|, including| including|, as well as| as well as| along with|,)"
AFTER = re.compile(rf"{_JOIN} {_COUNT}{_PEOPLE}")
BEFORE = re.compile(rf"\b{_COUNT}{_PEOPLE}{_JOIN} \Z")
#: Verbs of other harm: a group that they follow is theirs.
TAKEN = re.compile(rf"[^.;,]{{0,30}}?\b{_any('taken')}\b")
#: ", a doctor said": a group that speaks is no group of victims.
SPEAKER = re.compile(r" (?:said|says|told|added|reported)\b")

_WAS = r"(?: (?:was|has|who|later|been|also)){0,2}"
#: One person without a number: "Man shot dead", "kills policeman", "a 25-year-old was shot", "he was pronounced dead".
SINGLE = (
    re.compile(rf"\b(?:an?|the)? ?\d{{1,2}}-?year-?old\b(?: [\w'-]+){{0,4}}?{_WAS} (?P<v>{_any('single')})\b"),
    re.compile(rf"\b{_any('one_person')} (?:was |has |had |later |also |been ){{0,3}}(?P<v>{_any('pronounced')})\b"),
    re.compile(rf"^(?:[\w'-]+ ){{0,3}}?(?P<np>[a-z'-]+)(?: (?:was|is))? (?P<v>{_any('single')})\b"),
    re.compile(
        r"(?<!\bfor )(?<!\bof )(?<!\bthe )(?<!\ba )\b(?P<v>kills?|injures?|wounds?|shoots dead|murders?) "
        r"(?P<np>(?:[a-z'-]+ ?){1,3})"
    ),
)

NOBODY = (
    (re.compile(rf"\b{_any('zero_both')}\b"), tuple(Harm)),
    (re.compile(rf"\b{_any('zero_killed')}\b"), (Harm.KILLED,)),
    (re.compile(rf"\b{_any('zero_injured')}\b"), (Harm.INJURED,)),
)

#: "Three of the dead were children", "among the wounded were two nurses": some of a total told elsewhere.
PART_OF = (
    re.compile(rf"\b{_COUNT} of (?:the |those )?(?P<v>{_any('casualties')}) (?:was|were|is|are){_PEOPLE}"),
    re.compile(rf"\bamong (?:the |those )?(?P<v>{_any('casualties')}) (?:was|were|is|are) {_COUNT}{_PEOPLE}"),
)
#: "A guard who was travelling with the children was shot dead": what stands between the victim and the verb.
WHO = re.compile(
    rf" who(?: (?!(?:{_any('clause_ends')})\b)[\w'-]+){{1,10}}?(?:, [^,.;]{{1,40}},)?"
    rf"(?= (?:was|were|has been|have been|had been) (?:{_any('killed')}|{_any('injured')})\b)"
)
#: "No one was seriously hurt", "none of the passengers died": no victims, whatever number follows.
NEGATED = re.compile(r"\b(?:no|not|none of|neither(?: of)?|nor|without) \Z")

NOT_PEOPLE = re.compile(rf"\W{{0,3}}{_any('not_people')}\b")
NOT_COUNT = re.compile(rf"\b{_any('not_count')}\b")
AGE = re.compile(r"[- ]?years?[- ]old|-year")
DAY_OR_AGE = re.compile(rf"(?:{_any('before_day')},?|,) \Z")
VERB_NEXT = re.compile(r" (?:dead|killed|wounded|injured|hurt)\b")
PART_BEFORE = re.compile(rf"{_any('part')}[^.,;]{{0,25}}\Z")
PART_AFTER = re.compile(r" of (?:the|them|those|whom|these)\b| among\b")
