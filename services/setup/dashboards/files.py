"""Which objects lie in which file. A file refers only to objects of itself and of those before it."""

from collections.abc import Mapping, Sequence

from services.setup.dashboards.board import Dashboard
from services.setup.dashboards.maps import Map
from services.setup.dashboards.objects import Search, View, line
from services.setup.dashboards.operations import OPERATIONS
from services.setup.dashboards.overview import MAP, OVERVIEW
from services.setup.dashboards.quality import QUALITY
from services.setup.dashboards.searches import SEARCHES
from services.setup.dashboards.views import VIEWS

FILES: Mapping[str, Sequence[View | Search | Map | Dashboard]] = {
    "1-data-views.ndjson": VIEWS,
    "2-searches.ndjson": SEARCHES,
    "3-overview.ndjson": (MAP, OVERVIEW),
    "4-operations.ndjson": (OPERATIONS,),
    "5-quality.ndjson": (QUALITY,),
}


def written(name: str) -> str:
    """Return a file as it has to be."""
    return "".join(line(one.saved()) for one in FILES[name])
