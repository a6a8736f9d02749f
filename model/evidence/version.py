"""The version of the data: which day it reaches, and a code that changes with every cell."""

import hashlib
import re
from functools import lru_cache

from model.evidence.reader import DATA, load_evidence

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=1)
def data_version() -> str:
    """Newest day in the data and six digits of a hash of all files: "2026-02-10.3f9a2c"."""
    known = load_evidence()
    days = [*known.sources.date_published, *known.observed.published]
    whole = hashlib.sha256()
    for path in sorted(DATA.glob("*.csv")):
        text = path.read_text(encoding="utf-8")  # as text: line ends differ between systems
        whole.update(f"{path.name}\n{text}\n".encode())
    return f"{max(day for day in days if DAY.fullmatch(day))}.{whole.hexdigest()[:6]}"
