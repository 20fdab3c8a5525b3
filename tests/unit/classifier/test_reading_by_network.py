"""What the encoder reads, in which windows, and what the heads make of it."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from services.classifier import reading, sentences
from services.classifier.models import WEIGHTS, Models, load_rules
from services.classifier.network import features, heads, windows
from services.classifier.network.encoder import Encoded
from services.classifier.network.heads import CLASSES, SLOTS, Heads
from services.classifier.reading import Reading
from services.classifier.told import Told


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


KINDS = len(heads.SUBTYPES)


def read(title: str, text: str) -> tuple[Reading, ...]:
    rules = load_rules()
    return reading.read(sentences.read(title, text, rules.splitter), rules.lexicon, None)


def test_every_window_begins_with_the_headline_and_each_sentence_stands_once(tokenizer: Tokenizer) -> None:
    texts = ["Two shot in Kisumu", *(f"Sentence {n} tells of the rain and of the road to the lake." for n in range(60))]
    packed = windows.pack(texts, tokenizer, titled=True)
    assert len(packed) > 1
    head = packed[0].ids[: packed[0].spans[0][2]]
    assert all(w.ids[: len(head)] == head and len(w.ids) <= windows.WINDOW for w in packed)
    assert [place for w in packed for place, _, _ in w.spans] == list(range(61))
    place, start, end = packed[1].spans[0]
    assert tokenizer.decode(list(packed[1].ids[start:end])) == texts[place].lower()


def test_a_text_without_words_makes_no_window(tokenizer: Tokenizer) -> None:
    assert windows.pack(["\u200b"], tokenizer, titled=False) == ()
    assert windows.pack([], tokenizer, titled=False) == ()


def test_a_headline_alone_makes_one_window(tokenizer: Tokenizer) -> None:
    (window,) = windows.pack(["Two shot in Kisumu"], tokenizer, titled=True)
    assert [place for place, _, _ in window.spans] == [0]


def test_a_long_feature_is_read_where_it_tells_of_harm() -> None:
    calm = "The lake was quiet and the boats came home."
    lines = [calm] * 30 + ["Gunmen shot dead two fishermen at the pier."] + [calm] * 30
    readings = read("A day at the lake", "\n".join(lines))
    chosen = windows.choose(readings)
    assert chosen == (*range(9), 31, 32)


def test_no_more_sentences_are_read_than_allowed() -> None:
    readings = read("", "\n".join(["Gunmen shot dead two fishermen."] * 200))
    assert len(windows.choose(readings)) == windows.MOST


def test_features_say_what_stands_in_a_sentence() -> None:
    rows = features.of(read("Bomb kills 2", "It rained."), None)
    at = {name: place for place, name in enumerate(features.NAMES)}
    assert rows.shape == (2, features.WIDTH)
    assert (rows[0, at["title"]], rows[0, at["digits"]]) == (1, 1)
    assert rows[0, at["trigger:bombing"]] > 0
    assert not rows[1, at["title"]]
    assert features.summary(rows).shape == (features.SUMMARY_WIDTH,)
    assert ((rows >= 0) & (rows <= 1)).all()


def random_heads() -> Heads:
    dice = np.random.default_rng(1)
    shapes = {"sentence": features.WIDTH + 8, "story": features.SUMMARY_WIDTH + 8, "token": 8}
    weights = {f"{n}.weight": dice.normal(size=(5, w)) for n, w in shapes.items()}
    weights |= {f"{n}.bias": dice.normal(size=5) for n in shapes}
    widths = {"subtype": KINDS, "realis": 5, "role": 4, "core": 1, "relevant": 1, "mains": KINDS, "slots": len(SLOTS)}
    widths |= {name: len(values) for name, values in CLASSES.items()}
    for name, width in widths.items():
        weights |= {f"heads.{name}.weight": dice.normal(size=(width, 5)), f"heads.{name}.bias": dice.normal(size=width)}
    return Heads({name: value.astype(np.float32) for name, value in weights.items()})


def test_heads_answer_in_probabilities() -> None:
    rows = np.random.default_rng(2).random((3, features.WIDTH)).astype(np.float32)
    tokens, words = np.ones((4, 8), np.float32), [(0, 1), (0, 1), (2, 4), (0, 3)]
    encoded = Encoded(np.ones((3, 8), np.float32), np.ones(8, np.float32), tokens, np.array([0, 0, 0, 2]), words)
    found = random_heads().judge(encoded, rows, features.summary(rows))
    assert found.subtypes.shape == (3, KINDS)
    for values in (found.subtypes, found.realis, found.roles):
        assert np.allclose(values.sum(axis=1), 1, atol=1e-5)
    assert np.isclose(found.mains.sum(), 1, atol=1e-5)
    assert 0 <= found.relevant <= 1
    assert found.slots.shape == (4, len(SLOTS))
    assert ((found.slots >= 0) & (found.slots <= 1)).all()
    assert np.allclose(random_heads().answers("sector", found.seen).sum(axis=1), 1, atol=1e-5)
    assert ((found.core >= 0) & (found.core <= 1)).all()


def test_stored_heads_are_read_back(tmp_path: Path) -> None:
    stored = random_heads().weights
    np.savez(tmp_path / "heads.npz", allow_pickle=False, **stored)
    assert heads.load(tmp_path).weights.keys() == stored.keys()


def test_the_shipped_weights_fit_the_code(models: Models) -> None:
    width = models.encoder.session.get_outputs()[0].shape[-1]
    assert models.heads.weights["sentence.weight"].shape[1] == width + features.WIDTH
    assert models.heads.weights["story.weight"].shape[1] == width + features.SUMMARY_WIDTH
    assert models.gate.weights.shape == (1 << 18,)
    assert sum(p.stat().st_size for p in WEIGHTS.iterdir()) < 30_000_000


def test_encoding_is_the_same_each_time_and_for_each_sentence_its_own(models: Models) -> None:
    texts = ["Gunmen kill two in Kisumu", "Two men were shot on Monday.", "It rained."]
    found, again = (models.encoder.encode(texts, titled=True) for _ in range(2))
    assert np.array_equal(found.sentences, again.sentences)
    assert found.opening.any()
    assert not np.allclose(found.sentences[1], found.sentences[2])
    pieces = {texts[at][a:b] for at, (a, b) in zip(found.sentence, found.words, strict=True)}
    assert {"Kisumu", "two", "Monday", ".", "rained"} <= pieces
    assert len(found.tokens) == len(found.words)


def test_sentences_that_were_not_read_say_nothing() -> None:
    told = Told(read("", "It rained.")[0])
    assert (told.own, told.aside, told.core, told.shows(heads.SUBTYPES[0])) == (0.0, 0.0, 0.0, 0.0)


def test_the_rectifier_is_that_of_training() -> None:
    x = np.linspace(-9, 9, 2001, dtype=np.float32).reshape(3, -1)
    wide = x.astype(np.float64)
    expected = 0.5 * wide * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
    found = heads._gelu(x)  # noqa: SLF001 - training and run time must agree on it
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 2e-6
