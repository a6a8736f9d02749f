"""Texts for cells of spreadsheets."""

import re


def no_formula(text: str) -> str:
    """`text` so that no spreadsheet computes it: the title may come from somebody else's link."""
    # also the wide signs of Chinese and Japanese keyboards, and what a cell may be trimmed of
    is_one = re.match(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]", text)
    return f"'{text}" if is_one else text
