"""The sentences of the reader's own figures."""

import numpy as np
import pandas as pd

from model.number_text import two_digits

FILE = "A CSV file with the columns date, users (million) and, optionally, platform"
FILE_HELP = (
    "Dates like 2016-06-30, 2016-06, 2016Q2, Q2 2016 or 2016. A new file replaces the figures. "
    "They stay in this session: they are in no link and are not kept."
)
REFUSED = "{file} was not used: {error}"
FROM_FILE = "Figures from {file}"
NOTE = "Crosses on the chart. Off by: projection over figure."
HEADS = {
    "platform": "Messenger",
    "date": "Date",
    "users": "Your figure, million",
    "projected": "Projection, million",
    "low": "Low, million",
    "high": "High, million",
    "inside": "Inside the range",
    "ratio": "Off by (ratio)",
}


def score_sentence(table: pd.DataFrame) -> str:
    """How many of the figures lie inside the range, and how far the projection is off."""
    known = table[table.inside != ""]
    outside = len(table) - len(known)
    lie = "lies" if outside == 1 else "lie"
    beyond = f" {outside} {lie} outside the time of the projection." if outside else ""
    if known.empty:
        return f"None of your figures lies within the time of the projection.{beyond}"
    inside = int((known.inside == "yes").sum())
    ratios = known.ratio[known.ratio > 0]
    factor = two_digits(float(np.exp(np.abs(np.log(ratios)).median())))
    off = f" The median miss is a factor of {f'{factor:,.1f}'.removesuffix('.0')}."
    return (
        f"**{inside} of {len(known)}** of your figures lie inside the range."
        f"{off if len(ratios) else ''}{beyond}"
    )
