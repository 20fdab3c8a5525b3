"""Makes what merging goes by: `python -m services.indexer.training --data FOLDER [--coded FOLDER]`.

stories ──our classifier──▶ reports ──nearness──▶ pairs ──features──▶ weights of the model, threshold and figures

`--coded` names a folder where `gva.jsonl` and `ecb.jsonl`, as the classifier prints them, are kept already.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.indexer.merging import model, words
from services.indexer.training import corpora, folds, frequencies
from services.indexer.training.pairs import paired, question
from services.indexer.training.stories import coded


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table of words and the weights; show the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--coded", type=Path, help="folder of what the classifier printed for them before")
    parser.add_argument("--keep-words", action="store_true", help="leave the table of words as it is")
    given = parser.parse_args(arguments)
    if not given.keep_words:
        frequencies.write(frequencies.levels(corpora.texts(given.data)), words.TABLE)
        words.frequency.cache_clear()
    told = {"gva": list(corpora.gun_violence(given.data)), "ecb": list(corpora.ecb_plus(given.data))}
    stories = [s for name, texts in told.items() for s in coded(texts, given.coded and given.coded / f"{name}.jsonl")]
    pairs = paired(stories)
    asked = question(pairs)
    unseen = folds.unseen(pairs, asked)
    measured = {least: folds.figures(pairs, told, unseen, least) for least in folds.TRIED}
    least = folds.chosen(measured)
    weights = asked.fitted(np.ones(len(pairs.numbers), dtype=bool))
    record = {
        "weights": weights,
        "threshold": least,
        "folded": measured[least],
        "in_sample": folds.figures(pairs, told, lambda one, other: model.odds(one, other, weights), least),
        "pairs_by_threshold": {str(tried): found["gva.pairs"] for tried, found in measured.items()},
        "pairs": len(pairs.numbers),
    }
    model.FILE.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps({name: record[name] for name in ("threshold", "folded", "in_sample")}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
