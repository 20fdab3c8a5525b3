"""A sentence with what the heads say of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.classifier.network.encoder import Encoded
from services.classifier.network.heads import ROLES, SUBTYPES, Array, Judgement
from services.classifier.network.mentions import Tagged, tag
from services.classifier.reading import Reading
from shared.domain.vocabulary import Subtype

_MAIN, _ELSE = ROLES.index("main"), [ROLES.index("background"), ROLES.index("uncoded")]


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with what the heads say of it; None for one that they did not read."""

    reading: Reading
    subtypes: Array | None = None
    realis: Array | None = None
    roles: Array | None = None
    core: float = 0.0
    tagged: Tagged | None = None

    @property
    def own(self) -> float:
        """How surely it tells of the story's own incident."""
        return 0.0 if self.roles is None else float(self.roles[_MAIN])

    @property
    def aside(self) -> float:
        """How surely it tells of another incident, coded or not."""
        return 0.0 if self.roles is None else float(self.roles[_ELSE].sum())

    @property
    def background(self) -> float:
        """How surely it tells of another incident that is coded."""
        return 0.0 if self.roles is None else float(self.roles[_ELSE[0]])

    @property
    def uncoded(self) -> float:
        """How surely it tells of an act that is not coded."""
        return 0.0 if self.roles is None else float(self.roles[_ELSE[1]])

    def shows(self, subtype: Subtype) -> float:
        """Return how surely it shows an incident of that kind."""
        return 0.0 if self.subtypes is None else float(self.subtypes[SUBTYPES.index(subtype)])


def join(
    readings: Sequence[Reading], chosen: Sequence[int], encoded: Encoded, judgement: Judgement
) -> tuple[Told, ...]:
    """Return each sentence with its row of the judgement."""
    tagged = tag([readings[at].sentence.text for at in chosen], encoded, judgement)
    rows = {at: row for row, at in enumerate(chosen)}
    return tuple(
        Told(reading)
        if at not in rows
        else Told(
            reading,
            judgement.subtypes[rows[at]],
            judgement.realis[rows[at]],
            judgement.roles[rows[at]],
            float(judgement.core[rows[at]]),
            tagged[rows[at]],
        )
        for at, reading in enumerate(readings)
    )
