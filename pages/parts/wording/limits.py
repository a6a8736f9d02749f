"""Sentences to whoever asks the server for more than its budgets allow."""

import math

TOO_LARGE = "The request is too large: a file may have 1 MB at most.\n"
NO_LENGTH = "The request does not say how long it is: expected the header Content-Length.\n"
BUSY = "The server has too much to do: please try again in a moment."
OVERDUE = "Not worked out: these settings take too long to solve."
NOT_A_MESSAGE = "Expected a message of the page."


def over(level: str, seconds: float) -> str:
    """A sentence for a budget that is used up; level : line, visitor or server."""
    wait = f"please try again in {wait_text(seconds)}"
    if level != "server":
        return f"Too many requests came from your address: {wait}."
    return f"The server has too much to do: {wait}."


def wait_text(seconds: float) -> str:
    """A time to wait, in whole seconds or minutes."""
    if seconds > 120:
        return f"{math.ceil(seconds / 60)} minutes"
    whole = max(1, math.ceil(seconds))
    return f"{whole} second{'s' * (whole > 1)}"
