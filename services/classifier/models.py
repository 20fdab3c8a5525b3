"""What the classifier needs in memory, and the name of the rules that it applies."""

from dataclasses import dataclass
from functools import cache

import spacy
from spacy.language import Language

from services.classifier import gazetteer, lexicon
from services.classifier.gazetteer import Gazetteer
from services.classifier.lexicon import Lexicon

#: The version that every coded article carries. Raise it with every change of rules, lists or gazetteer.
MODEL = "2026.11-rules-3"


@dataclass(frozen=True, slots=True)
class Models:
    """Loaded models, read-only: safe to share with forked processes."""

    splitter: Language
    gazetteer: Gazetteer
    lexicon: Lexicon
    version: str = MODEL


@cache
def load_models() -> Models:
    """Load everything, once per process: about three seconds. Call it before forking workers."""
    splitter = spacy.blank("en")
    splitter.add_pipe("sentencizer")
    return Models(splitter=splitter, gazetteer=gazetteer.load(), lexicon=lexicon.lexicon())
