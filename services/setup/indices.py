"""The indices: made where they are missing, refused where another version of Tocsin made them."""

from elasticsearch import Elasticsearch

from shared.errors import SetupError, Unavailable
from shared.index import MappingMismatch, WrongVersion, ensure


def make(client: Elasticsearch, prefix: str) -> bool:
    """Make what is missing; return False while Elasticsearch is too busy for it.

    Raises:
        SetupError: the indices are of another version.
    """
    try:
        ensure(client, prefix)
    except Unavailable:
        return False
    except WrongVersion as error:
        raise SetupError(f"{error}, or in containers what Upgrade in docs/operations.md says") from error
    except MappingMismatch as error:
        raise SetupError(
            f"{error}: these indices were made by another Tocsin; use its images, or see Upgrade in docs/operations.md"
        ) from error
    return True
