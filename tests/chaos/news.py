"""The made-up news of the drills: what each page says, and how its URL must end. Pure: a seed gives the same pages.

    happening (a town, a day, a toll) ──told by 4 outlets, each in its own words──▶ 4 stories, 1 incident
    ordinary news, in every outlet                                               ──▶ discarded: not_relevant
    dead links, pictures, pages that robots.txt forbids                          ──▶ discarded at the fetcher

Happenings lie further apart than anything that is merged, in place or in time, and the tellings of one agree on both:
so the incidents that must come of them are known, in whatever order the stories are read.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import product

from shared.errors import Reason

#: Outlets, each a host of its own: 127.0.1.1 and on.
OUTLETS = 8
TELLINGS = 4
ROBOTS = "User-agent: *\nDisallow: /private/\n"

_TOWNS = (
    ("Quetta", "Pakistan"),
    ("Peshawar", "Pakistan"),
    ("Karachi", "Pakistan"),
    ("Mosul", "Iraq"),
    ("Basra", "Iraq"),
    ("Kirkuk", "Iraq"),
    ("Kandahar", "Afghanistan"),
    ("Herat", "Afghanistan"),
    ("Jalalabad", "Afghanistan"),
    ("Maiduguri", "Nigeria"),
    ("Kano", "Nigeria"),
    ("Mogadishu", "Somalia"),
    ("Kismayo", "Somalia"),
    ("Aleppo", "Syria"),
    ("Damascus", "Syria"),
    ("Goma", "Congo"),
    ("Bukavu", "Congo"),
    ("Davao", "Philippines"),
    ("Kyiv", "Ukraine"),
    ("Odesa", "Ukraine"),
)
_FIRST_DAY = date(2026, 1, 6)
_DAYS = tuple(_FIRST_DAY + timedelta(days=9 * number) for number in range(7))

_HEADLINES = (
    "Bomb kills {killed} at market in {town}",
    "{town} market bombing leaves {killed} dead",
    "At least {killed} dead as bomb explodes in {town}",
    "Blast at {town} market: {killed} people killed, say police",
)
_LEADS = (
    "A bomb exploded at a crowded market in {town}, {country}, on {day}, killing {killed} people, police said.",
    "A bombing at a market in {town}, {country}, killed {killed} people on {day}, according to the police.",
    "Police in {town}, {country}, say that a bomb which exploded at a market on {day} killed {killed} people.",
    "{killed} people were killed on {day} when a bomb exploded at a market in {town}, {country}, officials said.",
)
_MORE = (
    "The explosion tore through the stalls where traders sell vegetables and threw glass across the street.",
    "Ambulances carried victims to the provincial hospital, where doctors asked the people of the town for blood.",
    "The device had been hidden in a cart near the gate, an officer told reporters beside the crater.",
    "Nobody has said that they did it. Soldiers closed the roads around the market and searched the houses nearby.",
    "Witnesses spoke of a loud bang and of smoke that hung over the roofs for most of the morning.",
    "The governor went to see the place and promised help to the families of those who had died in the attack.",
)
_TOPICS = (
    ("library", "The town library opened a reading room for children with {n} new books and a small garden."),
    ("harvest", "Farmers expect a good harvest of dates this year and plan to sell {n} boxes at the autumn fair."),
    ("bridge", "The old bridge will be painted in spring, and {n} lamps will be put along its footpath."),
    ("choir", "A choir of {n} singers gave its yearly concert in the school hall to a full house."),
    ("bakery", "A bakery that sells {n} loaves a day has moved to a larger shop beside the station."),
    ("museum", "The museum shows {n} paintings of rivers and boats, most of them lent by families of the region."),
    ("bus", "The bus company has put {n} new buses on its lines, with more room for bicycles and prams."),
    ("school", "The school has taken in {n} pupils this year and now teaches music in every class."),
)
_CALM = (
    "Visitors praised the work of the volunteers, who had spent many evenings on it.",
    "The mayor thanked everybody who had given money or time and invited the neighbours to come and look.",
    "More of the same is planned for next year, said the woman who leads the project.",
    "It is open from Monday to Saturday, and there is tea and cake in the afternoon.",
    "Children liked it best: some of them had come three times in the first week.",
    "Prices stay as they were, and those who live in the town pay half.",
)


class End(StrEnum):
    """How the URL of a page must end."""

    INDEXED = "indexed"
    NOT_RELEVANT = Reason.NOT_RELEVANT.value
    NOT_FOUND = Reason.NOT_FOUND.value
    NOT_HTML = Reason.NOT_HTML.value
    ROBOTS = Reason.ROBOTS.value
    QUARANTINED = "quarantined"


@dataclass(frozen=True)
class Page:
    """One page of an outlet: where it is, what it answers, how its URL must end."""

    outlet: int
    path: str
    end: End
    html: str = ""
    happening: int | None = None  #: the incident it tells, among `News.happenings`

    def url(self, port: int) -> str:
        """Return its address on the site that answers at `port`."""
        return f"http://{address(self.outlet)}:{port}{self.path}"


@dataclass(frozen=True)
class News:
    """All pages of a drill, in the order in which they are submitted. Some are submitted twice."""

    pages: tuple[Page, ...]
    happenings: int


def address(outlet: int) -> str:
    """Return the loopback address of an outlet."""
    return f"127.0.1.{outlet + 1}"


def make(seed: int, *, size: float = 1.0, poison: tuple[str, ...] = ()) -> News:
    """Return the news of a seed: of size 1 about 2,060 URLs, 2,000 of them of stories or ordinary news.

    Each happening is told by four outlets. `poison` names the pages that kill who reads them, one each.
    """
    happenings, ordinary, others, repeated = (round(number * size) for number in (120, 1500, 40, 40))
    chance = random.Random(seed)  # noqa: S311 - a drill
    grid = list(product(_TOWNS, _DAYS))
    chance.shuffle(grid)
    pages = [
        page
        for number, ((town, country), day) in enumerate(grid[:happenings])
        for page in _tellings(number, town, country, day, chance)
    ]
    pages += [_ordinary(number, chance) for number in range(ordinary)]
    for number in range(others):
        outlet = chance.randrange(OUTLETS)
        pages.append(Page(outlet, f"/gone/{number}.html", End.NOT_FOUND))
        pages.append(Page(outlet, f"/pictures/{number}.png", End.NOT_HTML))
        pages.append(Page(outlet, f"/private/{number}.html", End.ROBOTS))
    pages += [_poisonous(kind, chance) for kind in poison]
    again = chance.sample([page for page in pages if page.end is not End.QUARANTINED], repeated)
    pages += again
    chance.shuffle(pages)
    return News(tuple(pages), happenings)


def _tellings(number: int, town: str, country: str, day: date, chance: random.Random) -> list[Page]:
    killed = chance.randint(4, 30)
    outlets = chance.sample(range(OUTLETS), TELLINGS)
    words = {"town": town, "country": country, "day": f"{day:%A}, {day.day} {day:%B %Y}", "killed": killed}
    told = []
    for voice, outlet in enumerate(outlets):
        title = _HEADLINES[voice].format(**words)
        text = [_LEADS[voice].format(**words), *chance.sample(_MORE, 4)]
        path = f"/world/{day:%Y/%m/%d}/{town.lower()}-{number}.html"
        told.append(Page(outlet, path, End.INDEXED, _html(title, text, day, path), number))
    return told


def _ordinary(number: int, chance: random.Random) -> Page:
    name, lead = chance.choice(_TOPICS)
    day = chance.choice(_DAYS)
    text = [lead.format(n=chance.randint(40, 900)), f"It is number {number} in our series.", *chance.sample(_CALM, 5)]
    path = f"/local/{name}-{number}.html"
    return Page(chance.randrange(OUTLETS), path, End.NOT_RELEVANT, _html(f"News of the {name}", text, day, path))


def _poisonous(kind: str, chance: random.Random) -> Page:
    text = ["This page ends whoever reads it.", *_CALM]
    path = f"/poison/{kind}.html"
    return Page(chance.randrange(OUTLETS), path, End.QUARANTINED, _html("A page to beware of", text, _FIRST_DAY, path))


def _html(title: str, text: list[str], day: date, path: str) -> str:
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in text)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{path}"><meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="article:published_time" content="{day + timedelta(days=1)}T08:00:00Z"></head>
<body><nav><a href="/">Front page</a></nav><article><h1>{title}</h1>
{body}
</article></body></html>"""
