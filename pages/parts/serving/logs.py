"""Logs without visitors: each line names its place in the code, and no value.

Streamlit and uvicorn log addresses, IPs, origins and what is in a widget, as arguments of their
messages or inside them. So a message keeps its wording alone where its values stand apart, and of
all others only the place is logged; an error keeps its type and its way through the code. Messages
of this project say nothing of a visitor, and stay.
"""

import logging
import threading
import traceback
from typing import Any

from pages.parts.turns import Left

OWN = ("model", "pages")  # packages whose messages hold no value of a visitor


def private_record(*args: Any, **more: Any) -> logging.LogRecord:
    """A record as logging makes it, without the values of its message and of its error."""
    record = logging.LogRecord(*args, **more)
    if record.name.partition(".")[0] not in OWN:
        wording = f" {record.msg}" if record.args and isinstance(record.msg, str) else ""
        record.msg = f"{record.name}:{record.lineno}{wording}"
        # of our own messages too: an error's words may quote a link
        record.args = ()
    if record.exc_info and record.exc_info[0]:
        kind, _, steps = record.exc_info
        way = [f"  {at.filename}:{at.lineno} in {at.name}" for at in traceback.extract_tb(steps)]
        record.exc_text = "\n".join(["Traceback, without values:", *way, kind.__name__])
        record.exc_info = None
    record.stack_info = None
    return record


def log_thread_error(args: threading.ExceptHookArgs) -> None:
    """Log an error that ended a thread; Python would print it with its words.

    Whoever has left in the middle of a computation ended it: nothing went wrong.
    """
    if args.exc_type is Left:
        return
    raised = (args.exc_type, args.exc_value, args.exc_traceback)
    logging.getLogger(__name__).error("a thread ended with an error", exc_info=raised)


def keep_private() -> None:
    """From now on nothing that is logged holds a value, whoever logs it."""
    logging.setLogRecordFactory(private_record)
    threading.excepthook = log_thread_error
