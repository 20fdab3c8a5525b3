"""The last round: the heads alone, on the vectors that the 8-bit encoder gives, as they will be at run time."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from services.classifier import models
from services.classifier.network import encoder, features, heads, windows
from services.classifier.network.encoder import Encoded
from services.classifier.training import examples, fillers
from services.classifier.training.corpora import Story
from services.classifier.training.examples import Example
from services.classifier.training.labels import LabelledStory
from services.classifier.training.network import Judges, loss_of

_EPOCHS, _BATCH, _RATE, _DECAY = 6, 24, 5e-4, 0.01


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole story as the run-time encoder sees it, with its targets."""

    encoded: Encoded
    example: Example


def see(stories: Sequence[tuple[Story, LabelledStory]], folder: Path) -> list[Seen]:
    """Return the stories through the encoder in `folder`."""
    eye, rules, seen = encoder.load(folder), models.load_rules(), []
    for story, label in stories:
        readings, anchor = examples.readings_of(story, rules)
        chosen = list(windows.choose(readings))
        if chosen:
            encoded = eye.encode([readings[at].sentence.text for at in chosen], titled=readings[0].order == 0)
            rows = features.of(readings, anchor)
            targets = examples.of_labels(label, readings, story)
            told = {task: values[chosen] for task, values in targets.sentence.items()}
            on_tokens = fillers.on_tokens(targets.marked, [chosen[at] for at in encoded.sentence], encoded.words)
            spans, summary = ((0, 0),) * len(chosen), features.summary(rows)
            seen.append(Seen(encoded, Example((), spans, rows[chosen], summary, told, targets.story, *on_tokens)))
    return seen


def settle(seen: Sequence[Seen], folder: Path, seed: int, log: Callable[[str], None]) -> Judges:
    """Return the heads of `folder`, trained on."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    judges = Judges(seen[0].encoded.opening.shape[0])
    judges.load_state_dict({name: torch.from_numpy(value) for name, value in heads.load(folder).weights.items()})
    optimiser = torch.optim.AdamW(judges.parameters(), lr=_RATE, weight_decay=_DECAY)
    judges.train()
    for epoch in range(_EPOCHS):
        order, total = dice.sample(range(len(seen)), len(seen)), 0.0
        for at in range(0, len(order), _BATCH):
            loss = _loss(judges, [seen[n] for n in order[at : at + _BATCH]])
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
            total += loss.item()
        log(f"heads, round {epoch + 1}/{_EPOCHS}: loss {total * _BATCH / len(order):.4f}")
    judges.eval()
    return judges


def _loss(judges: Judges, batch: Sequence[Seen]) -> Tensor:
    vectors = torch.from_numpy(np.concatenate([s.encoded.sentences for s in batch]))
    whole = torch.from_numpy(np.stack([s.encoded.opening for s in batch]))
    tokens = torch.from_numpy(np.concatenate([s.encoded.tokens for s in batch]))
    rows = [s.example for s in batch]
    return loss_of(judges(vectors, whole, tokens, rows), rows)
