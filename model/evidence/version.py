"""The version of the data: which day it reaches, and a code that changes with every cell."""

import re
from functools import lru_cache

from model.evidence.reader import load_evidence

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=1)
def data_version() -> str:
    """Newest day in the data and six digits of a hash of all files: "2026-02-10.3f9a2c".

    Of the data as they were read: what happens to the files of a server that runs counts once it
    is started again.
    """
    known = load_evidence()
    days = [*known.sources.date_published, *known.observed.published]
    return f"{max(day for day in days if DAY.fullmatch(day))}.{known.content[:6]}"
