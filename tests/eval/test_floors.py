"""No stage falls below what it has reached, measured by rulers that are not ours.

The rulers and the annotated data lie beside the checkout (`../shared`, or `TOCSIN_SHARED`), never in it. Where they are
absent the tests are skipped; in CI, which has them, their absence is a failure. The floors are in `floors.py`.
"""

from pathlib import Path

import pytest

from tests.eval import figures, floors, rulers, sets


@pytest.fixture(autouse=True)
def _there() -> None:
    rulers.there()


@pytest.mark.parametrize("name", [*sets.CLASSIFIER, *sets.EXTRACTOR, *sets.MERGER])
def test_a_set_keeps_its_floors(tmp_path: Path, name: str) -> None:
    rows, asked = list(sets.measured(name, tmp_path)), sets.asked()
    print(figures.heading(), *(figures.line(row, asked) for row in rows), sep="\n")  # noqa: T201 - `make eval` shows them
    assert not {row.metric: row.value for row in rows if not floors.kept(row.metric, row.value)}
    own = {metric for metric in floors.FLOORS if figures.group(metric) == name}
    assert own <= {row.metric for row in rows}, "a floor that nothing measures"
