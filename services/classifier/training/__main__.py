"""`python -m services.classifier.training --data ../shared/data`: makes the classifier's weights anew.

 other corpora ─▶ stage 1: the encoder learns the field ─▶ stage 2: our labels and written stories ─▶ int8
 all labels ────▶ gate                    stories held out ─▶ verdicts, and the figures that decide

What comes out replaces the shipped weights only where it is better on the stories held out.
"""

import argparse
import hashlib
import json
import logging
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from services.classifier import models
from services.classifier.training import (
    base,
    briefs,
    examples,
    export,
    figures,
    fit,
    gate,
    probe,
    settle,
    verdict,
    weak,
)
from services.classifier.training.examples import Example
from services.classifier.training.network import Coder
from services.classifier.training.stories import Labelled, held_out, labelled

#: Windows of the other corpora that stage 2 sees again, so that the encoder forgets less.
_AGAIN_QUIET, _AGAIN = 250, 150
_EPOCHS_WEAK, _EPOCHS_OWN = 1, 4

#: Folders of the data whose files are read.
_TRAINED_ON = (
    *("article_extraction_benchmark", "conflibert_tasks", "ecbplus", "fundus_parser_tests", "geoparsing", "gva"),
    *("india_police_events", "muc34/raw/dev", "plover_cameo", "unlabelled_news", "wikievents_rams"),
)

#: The files of the network; gate and verdicts are fitted to it.
_NETWORK = ("encoder.onnx", "tokenizer.json", "heads.npz")

_log = logging.getLogger("training")


def digest(data: Path) -> str:
    """Return the SHA-256 of everything that is trained on: the corpora's files, and our labels and stories."""
    paths = [p for folder in _TRAINED_ON for p in sorted((data / folder).rglob("*")) if p.is_file()]
    paths += sorted(Path(__file__).parent.glob("*.jsonl"))
    whole = hashlib.sha256()
    for path in paths:
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def own_examples(stories: Sequence[Labelled], tokenizer: Tokenizer) -> Iterator[Example]:
    """Yield the windows of labelled stories."""
    rules = models.load_rules()
    for story, label in stories:
        readings, anchor = examples.readings_of(story, rules)
        if readings:
            yield from examples.examples(readings, anchor, tokenizer, examples.of_labels(label, readings, story))


def network(data: Path, known: Sequence[Labelled], folder: Path, seed: int) -> dict[str, float]:
    """Write a trained encoder and its heads into `folder`; return what they make of the labels of other corpora."""
    source = base.folder(Path.home() / ".cache/tocsin/base")
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"))
    others = list(weak.weak(data, models.load_rules(), tokenizer, seed))
    own = list(own_examples([pair for pair in known if not held_out(pair[0])], tokenizer))
    _log.info("windows: %d of other corpora, %d of ours", len(others), len(own))
    torch.manual_seed(seed)
    model = Coder(source)
    fit.fit(model, others, _EPOCHS_WEAK, seed, log=_log.info)
    probed: dict[str, float] = {}
    for corpus, task in (("satp", "satp"), ("insightcrime", "insight")):
        left = list(weak.unseen(corpus, data, models.load_rules(), tokenizer))
        probed |= probe.multilabel_f1(model, left, task)
    random.Random(seed).shuffle(others)  # noqa: S311 - an order, no secret
    again = [w for w in others if "relevant" in w.story][:_AGAIN_QUIET] + others[:_AGAIN]
    named = [w for w in others if (w.slots == 1).any()]
    fit.fit(model, own + again + named, _EPOCHS_OWN, seed, log=_log.info)
    export.encoder(model, folder)
    export.heads(model.judges, folder)
    return probed


def judges(data: Path, known: Sequence[Labelled], folder: Path, seed: int) -> dict[str, float]:
    """Settle the heads of the network in `folder`, fit gate and verdicts to it, and return the figures of the whole."""
    kept = [pair for pair in known if held_out(pair[0])]
    rules = models.load_rules()
    taught = [pair for pair in known if not held_out(pair[0])]
    seen = settle.see([*taught, *briefs.cut(taught, rules)], folder)
    export.heads(settle.settle(seen, folder, seed, _log.info), folder)
    without = frozenset(story.key for story, _ in kept)
    opinions = list(gate.opinions(data, [label for _, label in known], without))
    fitted, unseen = gate.fit(opinions, seed)
    gate.store(fitted, folder)
    verdict.store(verdict.OPEN, folder)
    verdict.store(verdict.fit([*kept, *briefs.cut(kept, rules)], models.load_models(folder)), folder)
    models.load_models.cache_clear()
    return figures.of_gate(opinions, unseen, fitted.threshold) | figures.of(kept, models.load_models(folder))


def shipped(stored: Path, kept: Sequence[Labelled]) -> dict[str, float]:
    """Return the figures of the shipped weights: those `stored` with them, and anew on the stories held out today.

    Labels are added from time to time: figures on other stories could not be compared.
    """
    if not stored.exists():
        return {}
    before: dict[str, float] = json.loads(stored.read_text(encoding="utf-8"))["figures"]
    return before | figures.of(kept, models.load_models())


def main() -> int:
    """Train, show the figures, and replace the shipped weights if they are worse. Returns the exit status."""
    options = argparse.ArgumentParser(prog="training", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--judges", action="store_true", help="keep the shipped encoder; fit heads, gate and verdicts alone"
    )
    options.add_argument("--replace", action="store_true", help="replace the shipped weights whatever the figures say")
    given = options.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    stored = models.WEIGHTS / "training.json"
    known = list(labelled(given.data))
    before = shipped(stored, [pair for pair in known if held_out(pair[0])])
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if given.judges:
            for name in _NETWORK:
                shutil.copy(models.WEIGHTS / name, folder / name)
            reached = {name: before[name] for name in before if "." in name}
        else:
            reached = network(given.data, known, folder, given.seed)
        reached |= judges(given.data, known, folder, given.seed)
        record = {"figures": reached, "data": digest(given.data), "seed": given.seed, "torch": torch.__version__}
        (folder / stored.name).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        for name, value in reached.items():
            _log.info("%-22s %.4f  shipped %s", name, value, before.get(name, "-"))
        better = given.replace or figures.rank(reached) > figures.rank(before)
        if better:
            for name in (*_NETWORK, "gate.npz", "verdict.json", stored.name):
                shutil.copy(folder / name, models.WEIGHTS / name)
        _log.info("replaced" if better else "left as they were: the shipped weights are no worse")
    return 0


if __name__ == "__main__":
    sys.exit(main())
