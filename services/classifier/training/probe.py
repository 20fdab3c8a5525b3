"""How well the encoder, fine-tuned as ConfliBERT is, tells the labels of its two corpora: for comparison alone."""

from collections.abc import Sequence

import numpy as np
import torch

from services.classifier.training.examples import Example
from services.classifier.training.network import Coder

_BATCH = 16


def multilabel_f1(model: Coder, examples: Sequence[Example], task: str) -> dict[str, float]:
    """Return micro and macro F1 of a task on whole stories, read by their first window, at a threshold of .5."""
    said, asked = [], []
    with torch.no_grad():
        for at in range(0, len(examples), _BATCH):
            batch = examples[at : at + _BATCH]
            said.append(model(batch)[task].numpy() > 0)
            asked.append(np.stack([e.story[task] for e in batch]) > 0)
    found, gold = np.concatenate(said), np.concatenate(asked)
    hit, claimed, wanted = ((m.sum(0)) for m in (found & gold, found, gold))
    each = 2 * hit / np.maximum(claimed + wanted, 1)
    return {f"{task}.micro": float(2 * hit.sum() / (claimed.sum() + wanted.sum())), f"{task}.macro": float(each.mean())}
