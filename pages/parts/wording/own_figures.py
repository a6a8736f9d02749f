"""The sentences of the reader's own figures."""

from model.analysis.own_figures import Score
from model.number_text import three_digits, two_digits

TITLE = "Your own figures"
FILE = "A CSV file with the columns date, users (million) and, optionally, platform"
FILE_HELP = (
    "Dates like 2016-06-30, 2016-06, 2016Q2 or 2016. The figures are crosses on the chart over "
    "time. A new file replaces them. They stay in this session and are in no link."
)
REFUSED = "{file} was not used: {error}"


def sentence(score: Score, file: str) -> str:
    """How many of the figures of a file lie inside the range, and how far the projection is off."""
    lie = "lies" if score.beyond == 1 else "lie"
    beyond = f" {score.beyond} {lie} outside its time." if score.beyond else ""
    if not score.known:
        return f"{file}: no figure lies within the time of the projection."
    off = f" The median miss is a factor of {three_digits(two_digits(score.miss))}."
    return (
        f"{file}: **{score.inside} of {score.known}** figures lie inside the range."
        f"{off if score.miss else ''}{beyond}"
    )
