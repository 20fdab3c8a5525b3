"""Which language a text is in, as far as the classifier must know: English or not."""

import re

from services.classifier import lexicon

#: Words that make up a third of English prose and are rare elsewhere.
_ENGLISH = frozenset(
    {
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "is",
        "that",
        "for",
        "it",
        "was",
        "on",
        "with",
        "as",
        "by",
        "at",
        "from",
        "he",
    }
    | {"she", "they", "said", "has", "have", "were", "be", "this", "are", "an"}
)
#: Small words of other languages that English prose does not have, but for names.
_FOREIGN = lexicon.words("foreign.txt")
_LEAST_FOREIGN = 3
#: Share of letters outside the Latin script that a text in English never has.
_OTHER_SCRIPT, _LATIN_ENDS = 0.3, "\u024f"
_WORD = re.compile(r"[^\W\d_]+")
#: How pages and exports label English, before any region, and labels of ISO 639-2 that name no language.
_LABELS, _UNSAID = frozenset({"en", "eng", "english"}), frozenset({"", "und", "mul"})
_LABEL_ENDS = re.compile(r"[^a-z]")
_WORDS_TO_TELL, _LEAST_SHARE, _SAMPLE = 25, 0.08, 4_000


def is_english(text: str, language: str | None) -> bool:
    """Tell whether the text is English: by its label when it has one, else by script and small words.

    A short text passes unless its script or its small words are another language's.
    """
    label = _LABEL_ENDS.split((language or "").strip().lower(), maxsplit=1)[0]
    if label not in _UNSAID:
        return label in _LABELS
    words = _WORD.findall(text[:_SAMPLE].lower())
    letters = "".join(words)
    if sum(c > _LATIN_ENDS for c in letters) > _OTHER_SCRIPT * len(letters):
        return False
    english, foreign = sum(w in _ENGLISH for w in words), [w for w in words if w in _FOREIGN]
    if len(set(foreign)) >= _LEAST_FOREIGN and len(foreign) > english:
        return False
    return len(words) < _WORDS_TO_TELL or english >= _LEAST_SHARE * len(words)
