"""Fitting the network: seeded, on the processor, a line of log for every so many steps."""

import random
import time
from collections.abc import Callable, Iterator, Sequence

import torch

from services.classifier.training.examples import Example
from services.classifier.training.network import Coder, loss_of

_BATCH_TOKENS = 2048
_ENCODER_RATE, _HEAD_RATE, _DECAY = 1e-4, 2e-3, 0.01
_WARM = 0.1
_LOG_EVERY = 50


def batches(pool: Sequence[Example], dice: random.Random) -> Iterator[list[Example]]:
    """Yield batches of windows of like length, at most `_BATCH_TOKENS` with their padding, in random order."""
    order = sorted(dice.sample(range(len(pool)), len(pool)), key=lambda at: len(pool[at].ids) // 16)
    made: list[list[Example]] = [[]]
    for example in (pool[at] for at in order):
        if made[-1] and (len(made[-1]) + 1) * len(example.ids) > _BATCH_TOKENS:
            made.append([])
        made[-1].append(example)
    dice.shuffle(made)
    yield from made


def fit(
    model: Coder,
    pool: Sequence[Example],
    epochs: int,
    seed: int,
    *,
    rate: float = 1.0,
    log: Callable[[str], None] = print,
) -> None:
    """Train in place for `epochs` rounds; rates fall linearly to nothing after a warm start."""
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    plan = [b for _ in range(epochs) for b in batches(pool, dice)]
    inner = list(model.encoder.parameters())
    known = {id(p) for p in inner}
    outer = [p for p in model.parameters() if id(p) not in known]
    groups = [{"params": inner, "lr": rate * _ENCODER_RATE}, {"params": outer, "lr": rate * _HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=_DECAY)
    warm = max(1, int(_WARM * len(plan)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.0, (len(plan) - step) / (len(plan) - warm + 1)))
    )
    model.train()
    started, sums = time.perf_counter(), 0.0
    for step, batch in enumerate(plan, 1):
        loss = loss_of(model(batch), batch)
        if loss.requires_grad:
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        sums += loss.item()
        if step % _LOG_EVERY == 0 or step == len(plan):
            log(f"step {step}/{len(plan)} loss {sums / _LOG_EVERY:.4f} {time.perf_counter() - started:.0f} s")
            sums = 0.0
    model.eval()
