"""What the classifier needs in memory, and the name of the weights and rules that it applies."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spacy.language import Language

from services.classifier import gate, lexicon, splitting, verdict
from services.classifier.gate import Gate
from services.classifier.lexicon import Lexicon
from services.classifier.network import encoder, heads
from services.classifier.network.encoder import Encoder
from services.classifier.network.heads import Heads
from services.classifier.verdict import Verdicts
from services.classifier.where import gazetteer
from services.classifier.where.gazetteer import Gazetteer

#: The version that every coded article carries. Raise it with every change of weights, rules, lists or gazetteer.
MODEL = "2026.11-minilm-6"
#: Where the trained weights lie. `make train` writes them.
WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Rules:
    """What reads a sentence without a network."""

    splitter: Language
    lexicon: Lexicon


@dataclass(frozen=True, slots=True)
class Models:
    """Loaded models, read-only: safe to share with forked processes."""

    splitter: Language
    lexicon: Lexicon
    gazetteer: Gazetteer
    gate: Gate
    encoder: Encoder
    heads: Heads
    verdicts: Verdicts
    version: str = MODEL


@cache
def load_rules() -> Rules:
    """Load the sentence splitter and the word lists, once per process."""
    return Rules(splitting.splitter(), lexicon.lexicon())


@cache
def load_models(weights: Path = WEIGHTS) -> Models:
    """Load everything, once per process: about three seconds. Call it before forking workers."""
    rules = load_rules()
    return Models(
        splitter=rules.splitter,
        lexicon=rules.lexicon,
        gazetteer=gazetteer.load(),
        gate=gate.load(weights),
        encoder=encoder.load(weights),
        heads=heads.load(weights),
        verdicts=verdict.load(weights),
    )
