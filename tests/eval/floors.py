"""What is asked of every figure: the one table of floors, and what `targets.tsv` of the rulers does not say.

A floor stands a little below the figure reached, so that noise does not break a build: raise it with the figure.
`test_floors.py` asserts them, `make eval-classify` prints them.
"""

#: Metric → what no change may fall below; of `AT_MOST`, what none may rise above.
FLOORS = {
    "gold.relevance": 0.91,
    "gold.event": 0.77,
    "gold.record": 0.42,
    "gold.type": 0.89,
    "gold.subtype": 0.81,
    "gold.main": 0.85,
    "gold.realis": 0.95,
    "gold.date_within": 0.88,
    "gold.country": 0.93,
    "gold.km25": 0.72,
    "gold.killed": 0.74,
    "gold.injured": 0.87,
    "gold.perpetrator": 0.55,
    "gold.victim": 0.57,
    "gold.target_class": 0.57,
    "gold.weapon_class": 0.74,
    "gold.evidence": 1.0,
    "muc.slots.relevant": 0.75,
    "muc.slots.type": 0.52,
    "muc.slots.date": 0.48,
    "muc.slots.country": 0.52,
    "muc.slots.place": 0.29,
    "muc.slots.weapon": 0.40,
    "muc.slots.perp": 0.27,
    "muc.slots.phys_target": 0.33,
    "muc.slots.human_target": 0.40,
    "muc.slots.killed": 0.40,
    "muc.slots.injured": 0.28,
    "muc.slots.all": 0.40,
    "muc.ceaf.micro": 0.29,
    "gva.coded": 0.87,
    "gva.date": 0.69,
    "gva.city": 0.68,
    "gva.killed": 0.71,
    "gva.injured": 0.59,
    "gva.all_four": 0.37,
    "geo.lgl.recognition": 0.87,
    "geo.lgl.acc161": 0.86,
    "geo.lgl.end_to_end": 0.76,
    "geo.geovirus.recognition": 0.90,
    "geo.geovirus.acc161": 0.91,
    "geo.geovirus.end_to_end": 0.83,
    "tudloc.recognition": 0.84,
    "tudloc.acc161": 0.84,
    "tudloc.end_to_end": 0.73,
    "wikievents.all": 0.25,
    "satp.found": 0.97,
    "satp.micro": 0.85,
    "satp.macro": 0.80,
    "india.violence_found": 0.86,
    "bbc.ordinary_passed": 0.02,
    "timebank.value": 0.85,
    "merge.pairs": 0.72,
    "merge.b3": 0.90,
    "merge.gold_pairs": 0.985,
    "merge.gold_b3": 0.995,
    "folded.gva.pairs": 0.745,
    "folded.gva.b3": 0.91,
    "folded.ecb.apart": 0.92,
    "aeb.body": 0.955,
    "htmldate.date": 0.895,
}
#: Where less is better.
AT_MOST = {"bbc.ordinary_passed"}

#: Targets that only the tasks state (issues 5 and 6); `targets.tsv` goes before them.
GOALS = {
    "gold.relevance": 0.95,
    "gold.event": 0.80,
    "gold.record": 0.50,
    "gold.subtype": 0.85,
    "gold.main": 0.84,
    "gold.realis": 0.95,
    "gold.date_within": 0.85,
    "gold.country": 0.97,
    "gold.km25": 0.80,
    "gold.killed": 0.88,
    "gold.injured": 0.88,
    "gold.perpetrator": 0.75,
    "gold.victim": 0.65,
    "gold.target_class": 0.70,
    "gold.weapon_class": 0.85,
    "india.violence_found": 0.90,
    "bbc.ordinary_passed": 0.02,
    "timebank.value": 0.80,
    "merge.pairs": 0.80,
    "merge.b3": 0.93,
    "merge.ecb_apart": 0.85,
    "folded.gva.pairs": 0.80,
    "folded.gva.b3": 0.93,
    "folded.ecb.apart": 0.85,
}

#: Best figures known where `targets.tsv` names none. Of the gold: what two readers agree on, as the tasks quote it.
PUBLISHED = {
    "gold.relevance": "1.0 two readers",
    "gold.event": ".96 two readers",
    "gold.record": ".93 two readers",
    "gold.subtype": "1.0 two readers",
    "gold.main": ".98 two readers",
    "gold.realis": "1.0 two readers",
    "gold.date_within": ".95 two readers",
    "gold.country": "1.0 two readers",
    "gold.km25": ".97 two readers",
    "gold.killed": ".98 two readers",
    "gold.injured": "1.0 two readers",
    "gold.perpetrator": ".97 two readers",
    "gold.victim": ".92 two readers",
    "gold.target_class": ".92 two readers",
    "gold.weapon_class": ".99 two readers",
    "merge.pairs": ".661 TF-IDF single link, of all incidents",
    "merge.b3": ".906 the same",
    "wikievents.all": ".65-.70 neural systems, of roles of given triggers",
}

#: Beginning of a metric → what of the product has seen of these very articles; the figure is in-sample.
SEEN = {
    "geo.": "the models of places are fitted on all of it",
    "gva.coded": "the encoder's first round saw one report in five, for relevance alone",
    "india.": "the encoder's first round saw part of it",
    "timebank.": "errors on every second text were read while the rules were written",
    "merge.": "the weights of pairs are fitted on all of it; folded figures: `pairs.json`, docs/model-card.md",
    "wikievents.": "12 of the 20 are among our labels",
}


def seen(metric: str) -> str | None:
    """Return what was trained on the articles of a metric, None when nothing was."""
    return next((why for start, why in SEEN.items() if metric.startswith(start)), None)


def kept(metric: str, value: float) -> bool:
    """Tell whether a figure keeps its floor. One without a floor does."""
    floor = FLOORS.get(metric)
    return floor is None or (value <= floor if metric in AT_MOST else value >= floor)
