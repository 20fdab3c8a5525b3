"""The story that a worker codes before it starts: what is loaded late is loaded, and weights that do not fit show."""

from services.classifier.classify import classify
from services.classifier.models import load_models
from shared.domain.article import Published
from shared.errors import SetupError

#: Invented. It has something of everything that is coded.
TITLE = "Suicide bomber kills nine at army base in Kandahar"
TEXT = (
    "A suicide bomber blew up a truck outside an army base in Kandahar, Afghanistan, on Monday, killing nine soldiers "
    "and wounding four children, police said. The Taliban claimed responsibility for the attack.\n\nGunmen armed with "
    "rifles then opened fire on a school in the village of Karandur, Colonel Anwar Shah said. A driver, Omar Gul, died."
)
_PUBLISHED = Published.of_day("2026-03-04")


def run() -> None:
    """Load the models and code the story. Raises SetupError when they cannot be loaded or do not fit each other."""
    try:
        coding = classify(TITLE, TEXT, _PUBLISHED, "en", models=load_models())
    except Exception as error:
        # whatever a file that is missing, cut short or of another training makes the code raise
        why = f"{type(error).__name__}: {error}"
        raise SetupError(f"the classifier's files are missing or do not fit each other ({why})") from error
    if not coding.relevant:
        raise SetupError("the classifier's files do not fit each other: it finds nothing in a report of an attack")
