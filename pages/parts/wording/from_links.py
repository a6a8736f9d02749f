"""Notes on a link, and text typed by a person, which is never read as markup."""

import re

from model.evidence import data_version
from model.number_text import ended, users_text
from model.scenario.links import View

# places inside addresses of pages and mail, :shortcodes:, arrows and dashes
LIVE = re.compile(
    r"(?<=http)(?=s?://)|(?<=www)(?=\.)|(?<=\S)(?=@)|(?<=:)(?=[\w+/-]+:)|(?<=[-<>~=])(?=[-<>=])",
    re.I,
)

NOT_SHOWN = {  # by view
    "market": "market: {value!r} is not known; all markets are shown",
    "at": "at: {value!r} is not a quarter from {first} to {last}; the end is shown",
    "guess": "guess: {value!r} is not a whole number of million users up to {most}; it is left out",
}


def changed_answer(view: View, users: float, *, complete: bool = True) -> str:
    """A sentence if the headline number of a link is now another, `users` (million); else "".

    complete : every value of the link could be used
    """
    if view.shown_users is None or users_text(view.shown_users) == users_text(users):
        return ""
    numbers = f"It showed {users_text(view.shown_users)}, now {users_text(users)}: "
    if not complete:
        return f"{numbers}not all of its values could be used, as listed below."
    if view.shown_data == data_version():
        return f"{numbers}the model changed since, the data did not (data: {view.shown_data})."
    versions = f"{view.shown_data or 'not named'} then, {data_version()} now"
    return f"{numbers}the data or the model changed since (data: {versions})."


def from_link(note: str) -> str:
    """A note on a link; values in it are never read as markup."""
    return plain(ended(f"From the link: {note}"))


def plain(text: str) -> str:
    """Markdown that shows `text`, typed by a person, letter for letter, with nothing to click.

    Addresses and arrows would be replaced although every sign is escaped: Streamlit looks for them
    once the escapes are gone, and does not look across the borders of an empty `:small[]`.
    """
    parts = LIVE.sub("\0", text).split("\0")
    return ":small[]".join(re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", part) for part in parts)
