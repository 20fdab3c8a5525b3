"""`python -m services.classifier.training.placing --data ../shared/data`: fits the models of place names.

LGL, GeoVirus, our labels, also in capitals ─▶ spans with their places ─▶ four small networks, twice ─▶ places.json

The figures are cross-validated over newspapers; what is stored is fitted on all articles.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from services.classifier import models
from services.classifier.training import corpora, labels, small_words, toponyms
from services.classifier.training.corpora import Story
from services.classifier.training.labels import LabelledStory
from services.classifier.training.place_cases import Case, case, is_right, told
from services.classifier.where import gazetteer, placing
from services.classifier.where.candidates import Array
from services.classifier.where.places import pick
from services.classifier.where.placing import Net, Weights

_FOLDS = 5
_HIDDEN, _STEPS, _RATE, _DECAY = 12, 300, 0.01, 1e-3
#: Log odds above which a span is a place: found by cross-validation, the same for both kinds of text.
_THRESHOLD = -0.3
#: How often a story with our labels counts: it tells of few of its names which place they are.
_OFTEN = 3
#: Digits of a stored weight.
_DIGITS = 4

_log = logging.getLogger("training")


class _Module(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    def __init__(self, columns: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(columns, hidden)
        self.outer = nn.Linear(hidden, 1, bias=False)
        self.direct = nn.Linear(columns, 1, bias=False)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return (self.outer(torch.relu(self.inner(rows))) + self.direct(rows)).squeeze(1)


def _train(columns: int, loss: Any, seed: int) -> Net:
    torch.manual_seed(seed)
    module = _Module(columns, _HIDDEN)
    optimiser = torch.optim.AdamW(module.parameters(), lr=_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=_STEPS)
    for _ in range(_STEPS):
        optimiser.zero_grad()
        value = loss(module) + _DECAY * sum((p**2).sum() for p in module.parameters())
        value.backward()
        optimiser.step()
        schedule.step()
    part = {n: p.detach().numpy() for n, p in module.named_parameters()}
    return Net(part["inner.weight"].T.copy(), part["inner.bias"], part["outer.weight"][0], part["direct.weight"][0])


def fit_which(groups: Sequence[tuple[Array, npt.NDArray[np.bool_]]], seed: int) -> Net:
    """Fit the choice among places: each group has a row for each place of a name, and which are right."""
    rows = torch.tensor(np.concatenate([g for g, _ in groups]))
    right = torch.tensor(np.concatenate([r for _, r in groups]))
    sizes = [len(g) for g, _ in groups]
    group = torch.repeat_interleave(torch.arange(len(groups)), torch.tensor(sizes))

    def loss(module: _Module) -> torch.Tensor:
        scores = module(rows).clamp(-30, 30).exp()
        total = torch.zeros(len(groups)).index_add(0, group, scores)
        hit = torch.zeros(len(groups)).index_add(0, group, scores * right)
        return -(hit / total).log().mean()

    return _train(rows.shape[1], loss, seed)


def fit_is(rows: Array, labels: Sequence[bool], seed: int) -> Net:
    """Fit the judgement whether a span is a place."""
    given, wanted = torch.tensor(rows), torch.tensor(labels, dtype=torch.float32)
    entropy = nn.BCEWithLogitsLoss()
    return _train(given.shape[1], lambda module: entropy(module(given), wanted), seed)


def fit(cases: Sequence[Case], seed: int = 1) -> Weights:
    """Fit the four networks on articles, each look on what the one before it says."""
    groups = []
    for c in cases:
        columns = placing.first_rows(c.seen)
        for name, right in zip(c.seen.text.names, c.right, strict=True):
            if right is not None and len(right) > 1:
                groups.append((columns[c.seen.table.slices[name.key]], right))
    which_first = fit_which(groups, seed)
    rows, labels = _judged(cases, [_first(c, which_first) for c in cases])
    is_first = fit_is(rows, labels, seed)
    second = [placing.second_rows(c.seen, placing.weigh_first(c.seen, which_first, is_first)) for c in cases]
    which_second = fit_which(
        [
            (rows_, right)
            for c, per_name in zip(cases, second, strict=True)
            for rows_, right in zip(per_name, c.right, strict=True)
            if right is not None and len(right) > 1
        ],
        seed,
    )
    seconds = [
        placing.spans(c.seen, r, [placing.softmax(which_second.score(x)) for x in r])
        for c, r in zip(cases, second, strict=True)
    ]
    rows, labels = _judged(cases, seconds)
    return Weights(which_first, is_first, which_second, fit_is(rows, labels, seed), _THRESHOLD)


def _first(c: Case, which: Net) -> Array:
    columns = placing.first_rows(c.seen)
    chances = placing.shares(which.score(columns), c.seen.table.starts, c.seen.table.owner)
    at = [c.seen.table.slices[n.key] for n in c.seen.text.names]
    return placing.spans(c.seen, [columns[s] for s in at], [chances[s] for s in at])


def _judged(cases: Sequence[Case], rows: Sequence[Array]) -> tuple[Array, list[bool]]:
    kept = [
        (row, label)
        for c, r in zip(cases, rows, strict=True)
        for row, label in zip(r, c.labels, strict=True)
        if label is not None
    ]
    return np.stack([row for row, _ in kept]), [label for _, label in kept]


def figures(cases: Sequence[Case], nets: Weights) -> npt.NDArray[np.int_]:
    """Return how many places were claimed, found, found and right, and marked."""
    total = np.zeros(4, int)
    for c in cases:
        total[3] += c.wanted
        label = {id(n): (known, right) for n, known, right in zip(c.seen.text.names, c.labels, c.right, strict=True)}
        odds, which = placing.weigh(c.seen, nets)
        for name, entry, _ in pick(c.seen, odds, which, nets.threshold):
            known, _ = label[id(name)]
            total[0] += known is not None
            total[1] += known is True
            total[2] += known is True and is_right(c, name, entry)
    return total


def cross_validated(cases: Sequence[Case]) -> Iterator[str]:
    """Yield for each corpus recognition F, and the share within 161 km of what was found; no newspaper is split."""
    totals = {corpus: np.zeros(4, int) for corpus in toponyms.FILES}
    for fold in range(_FOLDS):
        nets = fit([c for c in cases if c.marked.source % _FOLDS != fold])
        for corpus in totals:
            held_out = [c for c in cases if c.marked.source % _FOLDS == fold and c.marked.corpus == corpus]
            totals[corpus] += figures(held_out, nets)
    for corpus, (claimed, found, right, wanted) in totals.items():
        yield f"{corpus} recognition {2 * found / (claimed + wanted):.3f} acc161 {right / found:.3f}"


def stored(nets: Weights) -> dict[str, Any]:
    """Return weights in their JSON form."""
    return {
        name: {part: np.round(values, _DIGITS).tolist() for part, values in value.items()}
        if name != "threshold"
        else value
        for name, value in asdict(nets).items()
    }


def _labelled(data: Path) -> Iterator[tuple[Story, LabelledStory]]:
    """Yield our labelled stories of the corpora whose places are not marked."""
    own = {label.key: label for label in labels.load() if label.events}
    for corpus in sorted(corpora.READERS.keys() - toponyms.FILES.keys()):
        yield from ((story, own[story.key]) for story in corpora.read(corpus, data) if story.key in own)


def _in_capitals(story: Story) -> Story:
    return replace(story, title=toponyms.capitals(story.title), text=toponyms.capitals(story.text))


def main() -> int:
    """Fit and store the models. Returns the exit status."""
    options = argparse.ArgumentParser(prog="placing", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    options.add_argument("--check", action="store_true", help="cross-validate too")
    given = options.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    known, rules = gazetteer.load(), models.load_rules()
    common = small_words.shares(small_words.texts(given.data), known)
    kept: dict[str, Any] = {"common": common}
    marked = [m for corpus in toponyms.FILES for m in toponyms.read(corpus, given.data)]
    own = list(_labelled(given.data))
    for kind in ("mixed", "single"):
        plain = kind == "mixed"
        cases = [c for m in marked if (c := case(m if plain else m.in_capitals(), known, rules, common))]
        cases += _OFTEN * [
            c for s, label in own if (c := told(s if plain else _in_capitals(s), label, known, rules, common))
        ]
        for line in cross_validated(cases) if given.check else ():
            _log.info("%s %s", kind, line)
        kept[kind] = stored(fit(cases))
    placing.WEIGHTS.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
