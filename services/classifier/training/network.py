"""The network: MiniLM over windows, a mean for each sentence, and small heads on the mean and the features.

tokens ─▶ encoder ─▶ sentence means ⊕ features ─▶ trunk ─▶ subtype, realis, role, core
                 ├─▶ window mean ⊕ summary ────▶ trunk ─▶ relevant, mains
                 └─▶ tokens ────────────────────▶ trunk ─▶ slots; over a filler: kind, sector, classes
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from services.classifier.network import features
from services.classifier.network.heads import CLASSES, SLOTS
from services.classifier.training.examples import Example
from services.classifier.training.tasks import ONE_OF, OWN, SENTENCE_TASKS, STORY_TASKS

_WEIGHTS = {"subtype": 1.5, "role": 1.5, "realis": 0.5, "core": 1.0, "relevant": 2.0, "mains": 2.0}
_TRUNK, _DROP = 192, 0.2
_SLOTS, _CLASSES = 2.0, 0.3


def gelu(x: Tensor) -> Tensor:
    """Return GELU in the form that `heads` computes at run time."""
    return nn.functional.gelu(x, approximate="tanh")


class Judges(nn.Module):  # type: ignore[misc]  # torch is not there for the checks
    """The product's own heads: what `services.classifier.network.heads` computes at run time, with the same names."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(_DROP)
        self.sentence = nn.Linear(hidden + features.WIDTH, _TRUNK)
        self.story = nn.Linear(hidden + features.SUMMARY_WIDTH, _TRUNK)
        widths = {**SENTENCE_TASKS, **STORY_TASKS}
        self.token = nn.Linear(hidden, _TRUNK)
        own = {name: widths[name] for name in OWN} | {"slots": len(SLOTS)}
        own |= {name: len(values) for name, values in CLASSES.items()}
        self.heads = nn.ModuleDict({name: nn.Linear(_TRUNK, width) for name, width in own.items()})

    def forward(self, vectors: Tensor, whole: Tensor, tokens: Tensor, batch: Sequence[Example]) -> dict[str, Tensor]:
        """Return logits by task.

        `vectors`: a row for each sentence of the batch; `whole`: for each window; `tokens`: for each of their tokens.
        """
        beside = torch.cat([torch.from_numpy(e.features) for e in batch])
        summary = torch.stack([torch.from_numpy(e.summary) for e in batch])
        seen = self.drop(gelu(self.sentence(torch.cat([self.drop(vectors), beside], 1))))
        judged = self.drop(gelu(self.story(torch.cat([self.drop(whole), summary], 1))))
        read = self.drop(gelu(self.token(self.drop(tokens))))
        fillers = {name: [read[at].mean(0) for at in rows] for name, rows in _asked(batch).items()}
        answers = {name: self.heads[name](torch.stack(rows)) for name, rows in fillers.items() if rows}
        said = {name: self.heads[name](judged if name in STORY_TASKS else seen) for name in OWN}
        return said | answers | {"slots": self.heads["slots"](read)}


def _asked(batch: Sequence[Example]) -> dict[str, list[list[int]]]:
    """Return for each question the tokens of each filler that it is asked of, counted through the batch."""
    starts = [0, *itertools.accumulate(len(e.slots) for e in batch)]
    return {
        name: [
            [start + at for at in tokens]
            for e, start in zip(batch, starts, strict=False)
            for asked, _, tokens in e.asked
            if asked == name
        ]
        for name in CLASSES
    }


class Coder(nn.Module):  # type: ignore[misc]  # torch is not there for the checks
    """Encoder and heads. `hidden` is the width of a sentence's vector."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base, attn_implementation="eager", add_pooling_layer=False)
        self.hidden = self.encoder.config.hidden_size
        self.judges = Judges(self.hidden)
        others = {name: width for name, width in {**SENTENCE_TASKS, **STORY_TASKS}.items() if name not in OWN}
        self.teachers = nn.ModuleDict({name: nn.Linear(self.hidden, width) for name, width in others.items()})

    def forward(self, batch: Sequence[Example]) -> dict[str, Tensor]:
        """Return logits by task: a row for each sentence of the batch, or for each window."""
        hidden, mask = self.encode(batch)
        whole = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        parts = [h[start:end].mean(0) for h, e in zip(hidden, batch, strict=True) for start, end in e.spans]
        vectors = torch.stack(parts) if parts else hidden.new_zeros((0, self.hidden))
        taught = {name: head(whole if name in STORY_TASKS else vectors) for name, head in self.teachers.items()}
        tokens = [h[start:end] for h, e in zip(hidden, batch, strict=True) for start, end in e.spans]
        judged: dict[str, Tensor] = self.judges(vectors, whole, torch.cat(tokens) if tokens else vectors, batch)
        return judged | taught

    def encode(self, batch: Sequence[Example]) -> tuple[Tensor, Tensor]:
        """Return token vectors, padded, and the mask of real tokens."""
        longest = max(len(e.ids) for e in batch)
        ids = torch.tensor([[*e.ids, *[0] * (longest - len(e.ids))] for e in batch])
        mask = torch.tensor([[1.0] * len(e.ids) + [0.0] * (longest - len(e.ids)) for e in batch])
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return hidden.float(), mask


def loss_of(logits: dict[str, Tensor], batch: Sequence[Example]) -> Tensor:
    """Return the weighted sum of the tasks' losses over what is known; 0 where nothing is."""
    total = _filler_loss(logits, batch)
    for name in logits.keys() - {"slots", *CLASSES}:
        on_story = name in STORY_TASKS
        width = (STORY_TASKS if on_story else SENTENCE_TASKS)[name]
        rows = [_target(e, name, width, on_story=on_story) for e in batch]
        target = torch.cat(rows)
        known = ~torch.isnan(target)
        if not known.any():
            continue
        weight = _WEIGHTS.get(name, 0.5)
        if name in ONE_OF:
            here = known.all(1) & (target.sum(1) > 0)
            if here.any():
                goal = target[here] / target[here].sum(1, keepdim=True)
                total = total + weight * nn.functional.cross_entropy(logits[name][here], goal)
        else:
            total = total + weight * nn.functional.binary_cross_entropy_with_logits(logits[name][known], target[known])
    return total


def _filler_loss(logits: dict[str, Tensor], batch: Sequence[Example]) -> Tensor:
    """Return the loss over the tokens, as a sum over the slots, and over the questions on fillers."""
    target = torch.cat([torch.from_numpy(e.slots) for e in batch])
    known = ~torch.isnan(target)
    total = torch.zeros(())
    if known.any():
        surprise = nn.functional.binary_cross_entropy_with_logits(
            logits["slots"][known], target[known], reduction="sum"
        )
        total = total + _SLOTS * surprise / known.any(1).sum()
    for name in CLASSES.keys() & logits.keys():
        answers = torch.tensor([answer for e in batch for asked, answer, _ in e.asked if asked == name])
        total = total + _CLASSES * nn.functional.cross_entropy(logits[name], answers)
    return total


def _target(example: Example, name: str, width: int, *, on_story: bool) -> Tensor:
    answers = example.story if on_story else example.sentence
    if name in answers:
        values = torch.from_numpy(answers[name])
        return values[None, :] if on_story else values
    return torch.full((1 if on_story else len(example.spans), width), torch.nan)
