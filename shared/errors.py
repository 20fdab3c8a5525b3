"""The errors of Tocsin.

    TocsinError
    ├── Verdict                     what a step may say of an article instead of returning a result
    │   ├── Transient               the world's fault: try again later, quarantine when it does not pass
    │   │   └── Outage              a server of ours is away or full: wait, it says nothing of the article
    │   └── Discard(Reason)         an expected end: recorded with its reason
    ├── Unavailable                 a server we need cannot be reached
    └── SetupError                  this machine or its settings lack something; the message says what to do

Any other exception that leaves a step is a bug: the article goes to quarantine with the traceback.
"""

from enum import StrEnum

#: Exit status of a command that could not ask a server: nothing is known to be wrong.
UNAVAILABLE = 3


class Reason(StrEnum):
    """Why a submission was discarded. The whole list of expected ends: a step invents no other."""

    ADDRESS_REFUSED = "address_refused"  #: the URL leads to an address that is not public
    ROBOTS = "robots"  #: the site's robots.txt asks us not to fetch it
    NOT_FOUND = "not_found"  #: the server says that there is no such page (404, 410)
    FORBIDDEN = "forbidden"  #: the server refuses us (401, 402, 403, 451)
    HTTP_ERROR = "http_error"  #: any other answer that a retry would not mend
    TOO_MANY_REDIRECTS = "too_many_redirects"
    OVERSIZE = "oversize"  #: the body is larger than `fetch_max_bytes`
    NOT_HTML = "not_html"  #: the body is of another media type
    EMPTY = "empty"  #: no body, or no text in it
    NOT_AN_ARTICLE = "not_an_article"  #: a page without a story: a section front, a form, a gallery
    LANGUAGE = "language"  #: no model for its language yet
    NOT_RELEVANT = "not_relevant"  #: a story that reports no security incident


class TocsinError(Exception):
    """Base of all errors raised by Tocsin."""


class Verdict(TocsinError):
    """What a step says of an article instead of returning a result."""


class Transient(Verdict):
    """A fault that may pass: a timeout, a 5xx, a server that is away. Retried with backoff, then quarantined."""


class Outage(Transient):
    """A server of ours is away, busy or full. No article's fault, so it is waited out, for a day if need be."""


class Discard(Verdict):
    """An expected end. `reason` is one of `Reason`; `detail` is for people and may be empty."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class Unavailable(TocsinError):
    """A server we need cannot be reached."""


class SetupError(TocsinError):
    """This machine or its settings lack something; the message is one line that says what to do."""
