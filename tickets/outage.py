"""What is answered while the records cannot be reached: that nobody knows yet, and when to ask again.

A connection that breaks while an act is committed leaves open whether it was. Nobody is told that nothing was changed:
whoever sends the same again under the same key gets the one answer, whichever it is.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import ServiceUnavailable

from auth import sessions
from tickets.chrome import error_page

log = logging.getLogger("counterpart.outage")
COMES_BACK_SECONDS = 5


def install(app: Flask) -> None:
    for kind in (OperationalError, InterfaceError):
        app.register_error_handler(kind, told)


def told(error: Exception) -> Any:
    """503, as a page or a problem document. Who calls stands on record too, and is not asked for again."""
    log.error("the records cannot be reached", exc_info=error)
    sessions.call_nobody()
    return error_page(ServiceUnavailable(retry_after=COMES_BACK_SECONDS))
