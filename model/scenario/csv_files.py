"""Rows of a CSV file as programs and people save it: encodings, separators, line ends, blanks."""

import csv
import io
import re
from collections.abc import Iterator

from model.scenario.settings import SettingError

SEPARATORS = ",;\t|"
SAVE = "save the file as CSV in UTF-8"


def csv_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line of the file, its cells) of each row that has a value, the header first.

    Raises SettingError with one sentence that names the line where it is no CSV file.
    """
    text = _text(data)
    header = re.search(rf"[^\s{SEPARATORS}].*", text)
    separator = max(SEPARATORS, key=header[0].count) if header else ","
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells) and cells != ["sep=", ""]:  # a line that Excel writes and reads
                yield reader.line_num, cells
    except csv.Error as error:
        raise SettingError(f"row {reader.line_num} is not a row of a CSV file: {error}") from None


def _text(data: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark, whichever line ends it has."""
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = len((data[: error.start] + b".").splitlines())
        raise SettingError(f"row {row} is not UTF-8 text; {SAVE}") from None
    if "\0" in text:  # UTF-16 without its mark reads as UTF-8 with zeros
        raise SettingError(f"it is not plain text; {SAVE}")
    return re.sub("\r\n?", "\n", text)
