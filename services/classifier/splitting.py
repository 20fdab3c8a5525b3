"""The sentence splitter: spaCy's, shown little of what it reads.

Its tokenizer takes every word apart, and most say nothing of where a sentence ends: those are hidden under filling of
the same length, which it knows. The sentences are the same, at a quarter of the cost.
"""

import re
from typing import Any

import spacy
from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc

_ENDS = re.escape("".join(Sentencizer.default_punct_chars))
#: Words that begin with a letter or digit and cannot end a sentence, one space between.
_RUN = re.compile(rf"(?<!\S)[^\W_][^\s{_ENDS}]*(?: [^\W_][^\s{_ENDS}]*)*(?!\S)")
#: A word right before the mark that may end a sentence.
_LAST = re.compile(r"(?<!\S)[a-z]+(?=[.!?](?!\S))")
#: Letters of the longest word of filling: short ones make more tokens, long ones are slow to look at.
_LONGEST = 60
_UNIT = "x" * _LONGEST + " "
#: A text with no end of a sentence before its own: half of all paragraphs, which nobody needs to read.
_ONE = re.compile(rf"[^{_ENDS}]*[{_ENDS}]?[\"'\u201d\u2019)\]]*\Z")
#: All words that filling may have, bare and at the end of a sentence. "x." is an initial, and not among them.
_KNOWN = "x " + " ".join(f"{'x' * n} {'x' * n}." for n in range(2, _LONGEST + 1))


class Veiled:
    """A tokenizer that is shown the text with filling. The words of its documents are not those of the text."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        tokenizer(_KNOWN)  # outside of any text's memory zone: never forgotten

    def __call__(self, text: str) -> Doc:
        """Return a document of the same length and with the same sentences."""
        doc: Doc = self._tokenizer(self.veiled(text))
        return doc

    def veiled(self, text: str) -> str:
        """Return a text of the same length and with the same sentences."""
        abbreviations = self._tokenizer.rules
        bare = _LAST.sub(lambda m: m.group() if f"{m.group()}." in abbreviations else "x" * len(m.group()), text)
        return _RUN.sub(lambda m: _filling(len(m.group())), bare)


def _filling(length: int) -> str:
    return f"{(_UNIT * (length // len(_UNIT) + 1))[: length - 1]}x"


def bounds(text: str, language: Language) -> list[tuple[int, int]]:
    """Return where each sentence of a text begins and ends. `language`: a `splitter`."""
    if _ONE.match(text):
        return [(0, len(text))]
    return [(s.start_char, s.end_char) for s in language(text).sents]


def splitter() -> Language:
    """Return a pipeline that finds sentences, and nothing else."""
    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    language.tokenizer = Veiled(language.tokenizer)
    return language
