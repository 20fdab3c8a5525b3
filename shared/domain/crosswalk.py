"""The names that other schemes have for our subtypes: `crosswalk.tsv`. It loses detail, see docs/vocabulary.md."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from shared.domain.vocabulary import Subtype

#: The schemes, in the order of the table's columns.
SCHEMES = ("MUC", "ACLED", "GTD", "PLOVER")


@cache
def crosswalk() -> Mapping[Subtype, Mapping[str, str | None]]:
    """Return for each subtype its nearest name in each scheme, as published there; None where there is none."""
    text = files(__package__).joinpath("crosswalk.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {Subtype(row["subtype"]): {scheme: row[scheme] or None for scheme in SCHEMES} for row in rows}
