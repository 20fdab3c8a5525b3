"""The small words around a word of harm that say whether it came about, and to how many."""

BE_ONE, BE_MANY = frozenset({"was", "is", "has", "remains"}), frozenset({"were", "are", "have"})
BE = frozenset({"was", "is", "were", "are", "been", "being", "be", "get", "got", "gets", "getting"}) | frozenset(
    {"remains", "remain", "remained", "lie", "lies", "lay"}
)
HAVE = frozenset({"had", "having"})
MAYBE = frozenset({"would", "could", "will", "might", "should", "to", "cannot", "can", "if"})
NOT = frozenset(
    {"not", "never", "no", "wasn't", "weren't", "isn't", "aren't", "hasn't", "haven't", "hadn't"}
) | frozenset({"didn't", "doesn't", "don't", "won't", "can't", "couldn't", "wouldn't"})
#: What did not come about: "an attempted assassination of two judges".
UNDONE = frozenset({"attempted", "failed", "foiled", "thwarted", "planned", "threatened", "would-be"})
#: "He fired one shot": the number is of bullets.
FIRING = frozenset({"fire", "fired", "fires", "firing", "heard", "hearing", "single"})
BETWEEN = frozenset(
    {"feared", "believed", "reported", "confirmed", "left", "presumed", "there", "may", "both", "of", "them", "found"}
)
#: Behind them "to be" tells what is held true: "reported to be hurt".
HELD = frozenset({"feared", "believed", "reported", "confirmed", "presumed", "known", "thought", "understood"})
HIM, SELF = frozenset({"him", "her"}), frozenset({"himself", "herself", "themselves", "themself"})
AUX = HELD | BE_ONE | BE_MANY | BE | HAVE | MAYBE | NOT | BETWEEN
