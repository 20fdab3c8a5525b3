"""The crosswalk says what the document says."""

from pathlib import Path

from shared.domain.crosswalk import SCHEMES, crosswalk
from shared.domain.vocabulary import Subtype

DOCUMENT = Path(__file__).parents[3] / "docs/vocabulary.md"


def test_every_subtype_has_its_names() -> None:
    found = crosswalk()
    assert set(found) == set(Subtype)
    assert found[Subtype.ARMED_CLASH] == {
        "MUC": "attack",
        "ACLED": "Armed clash",
        "GTD": "2",
        "PLOVER": "ASSAULT:firearms",
    }
    assert found[Subtype.GROUP_CHANGE]["PLOVER"] is None


def test_the_document_gives_the_same_names() -> None:
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in DOCUMENT.read_text().splitlines()]
    told = {r[0].strip("`"): tuple(None if c == "\u2013" else c for c in r[3:7]) for r in rows if len(r) == 7}
    for subtype, names in crosswalk().items():
        assert told[subtype] == tuple(names[scheme] for scheme in SCHEMES)
