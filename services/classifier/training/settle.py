"""The last round: the heads alone, on the vectors that the 8-bit encoder gives, as they will be at run time."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from services.classifier import encoder, features, heads, models, windows
from services.classifier.training import examples
from services.classifier.training.corpora import Story
from services.classifier.training.examples import Array, Example
from services.classifier.training.labels import LabelledStory
from services.classifier.training.network import Judges, loss_of

_EPOCHS, _BATCH, _RATE, _DECAY = 6, 24, 5e-4, 0.01


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole story as the run-time encoder sees it, with its targets."""

    vectors: Array
    opening: Array
    example: Example


def see(stories: Sequence[tuple[Story, LabelledStory]], folder: Path) -> list[Seen]:
    """Return the stories through the encoder in `folder`."""
    eye, rules, seen = encoder.load(folder), models.load_rules(), []
    for story, label in stories:
        readings, anchor = examples.readings_of(story, rules)
        chosen = list(windows.choose(readings))
        if chosen:
            texts = [readings[at].sentence.text for at in chosen]
            vectors, opening = eye.encode(texts, titled=readings[0].order == 0)
            rows = features.of(readings, anchor)
            sentence, verdict = examples.of_labels(label, readings)
            told = {task: values[chosen] for task, values in sentence.items()}
            example = Example((), ((0, 0),) * len(chosen), rows[chosen], features.summary(rows), told, verdict)
            seen.append(Seen(vectors, opening, example))
    return seen


def settle(seen: Sequence[Seen], folder: Path, seed: int, log: Callable[[str], None]) -> Judges:
    """Return the heads of `folder`, trained on."""
    torch.manual_seed(seed)
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    judges = Judges(seen[0].vectors.shape[1])
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
    vectors = torch.from_numpy(np.concatenate([s.vectors for s in batch]))
    whole = torch.from_numpy(np.stack([s.opening for s in batch]))
    rows = [s.example for s in batch]
    return loss_of(judges(vectors, whole, rows), rows)
