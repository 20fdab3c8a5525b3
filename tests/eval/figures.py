"""A figure with its interval, and the table of figures."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.eval import floors

_ROUNDS = 500
#: Columns of the rulers' table of targets.
_METRIC, _TARGET, _SIMPLE, _BEST = range(4)
_HEAD = (
    f"{'set':11} {'row':20} {'value':6} {'95 % interval':14} {'n':>5} {'floor':5} {'simple':6} {'target':6} best known"
)

#: (right and claimed, claimed, wanted) of one article, once or for several kinds one after the other.
Unit = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `interval` is None where only the value is known, as of figures that training left behind."""

    metric: str
    value: float
    interval: tuple[float, float] | None
    n: int | None  #: articles, or questions where the ruler counts those; None where nobody has said


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rulers' table says of a metric, as it is written there; None where it says nothing."""

    target: str | None
    simple: str | None  #: what a simple method reaches
    best: str | None


def f1(units: Sequence[Unit]) -> float:
    """Return F1 of the sums, 0 when nothing is claimed or wanted."""
    hit, claimed, wanted = (sum(column) for column in zip(*units, strict=True))
    return 2 * hit / (claimed + wanted) if claimed + wanted else 0.0


def macro_f1(units: Sequence[Unit]) -> float:
    """Return the mean F1 of the kinds, whose triples follow one another in each unit."""
    starts = range(0, len(units[0]), 3)
    return sum(f1([u[at : at + 3] for u in units]) for at in starts) / len(starts)


def summed(units: Sequence[Unit]) -> list[Unit]:
    """Return units of several kinds as units of all kinds together."""
    return [(sum(u[0::3]), sum(u[1::3]), sum(u[2::3])) for u in units]


def share(units: Sequence[Unit]) -> float:
    """Return the share of what is wanted that was claimed."""
    return sum(u[0] for u in units) / max(1, sum(u[2] for u in units))


def row(metric: str, units: Sequence[Unit], measure: Callable[[Sequence[Unit]], float]) -> Row:
    """Return a figure with its bootstrap interval over articles."""
    dice = random.Random(1)
    values = sorted(measure(dice.choices(units, k=len(units))) for _ in range(_ROUNDS))
    return Row(metric, measure(units), (values[int(_ROUNDS * 0.025)], values[int(_ROUNDS * 0.975)]), len(units))


def of_ruler(lines: Iterable[str]) -> Iterator[Row]:
    """Read what `score.py --ci` prints. A metric without documents has no interval and is left out."""
    for line in lines:
        words = line.split()
        if line and not line.startswith("#") and "n" in words:
            low, high = words[-1].split("-")
            yield Row(words[0], float(words[1]), (float(low), float(high)), int(words[words.index("n") + 1]))


def targets(table: Path) -> dict[str, Asked]:
    """Return metric → what the rulers' table asks."""
    lines = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {
        cells[_METRIC]: Asked(*(None if cell in ("", "-") else cell for cell in cells[_TARGET : _BEST + 1]))
        for cells in lines
        if len(cells) > _BEST
    }


def group(metric: str) -> str:
    """Return the set that a metric is of."""
    return metric.removeprefix("geo.").partition(".")[0]


def line(found: Row, asked: dict[str, Asked]) -> str:
    """Return a line of the table: an asterisk behind in-sample values, an exclamation mark below the floor."""
    said = asked.get(found.metric, Asked(None, None, None))
    floor, goal = floors.FLOORS.get(found.metric), floors.GOALS.get(found.metric)
    target = said.target or (None if goal is None else f"{goal:g}")
    name = found.metric.removeprefix("geo.").partition(".")[2]
    mark = "*" if floors.seen(found.metric) else ""
    interval = "-" if found.interval is None else f"{found.interval[0]:.3f} - {found.interval[1]:.3f}"
    held = "-" if floor is None else f"{floor:g}" + ("" if floors.kept(found.metric, found.value) else "!")
    best = said.best or floors.PUBLISHED.get(found.metric) or "-"
    cells = (f"{found.value:.3f}{mark}", interval, found.n or "-", held, said.simple or "-", target or "-", best)
    return f"{group(found.metric):11} {name:20} " + "{:6} {:14} {:>5} {:5} {:6} {:6} {}".format(*cells)


def heading() -> str:
    """Return the first line of the table."""
    return _HEAD


def notes(metrics: Iterable[str]) -> Iterator[str]:
    """Yield what the signs mean, as far as the table of these metrics has them."""
    shown = set(metrics)
    yield "floor: asserted in CI (! fallen below). simple: what a simple method reaches, by the rulers' targets.tsv."
    for start, why in floors.SEEN.items():
        if any(metric.startswith(start) for metric in shown):
            yield f"* {start.rstrip('.')}: in-sample, {why}."
    if shown & floors.AT_MOST:
        yield f"at most, not at least: {', '.join(sorted(shown & floors.AT_MOST))}."
    if any(group(metric) == "gate" for metric in shown) and not any(".encoder_" in metric for metric in shown):
        yield "satp, insightcrime, fine-tuned as ConfliBERT is: `make train` has left no figure beside these weights."
