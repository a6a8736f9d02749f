"""Pictures in pixels, drawn from an SVG by vl-convert in a process of its own.

That process gives its memory back afterwards, some 100 MB, and if it crashes, the reader gets a
sentence and the server goes on. It needs no internet: the SVG holds nothing that is loaded.
"""

import subprocess
import sys
from html import escape
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT = 60  # seconds
NOT_INSTALLED = (
    "The picture cannot be drawn, because vl-convert-python is missing; "
    "`pip install -r requirements.txt` installs it."
)
FONTS = "Arial, Liberation Sans, Helvetica, sans-serif"
LATIN = "\u024f"  # the last letter that every font of a server draws
UNASSIGNED = "\u0378"  # no letter: drawn as one that no font has
ONE_LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    f'<text x="5" y="30" font-size="24" font-family="{FONTS}">{{}}</text></svg>'
)


class PictureError(ValueError):
    """A picture that cannot be drawn; the message is one sentence for the reader."""


def missing() -> str:
    """The sentence that vl-convert is missing, or "" if it is installed."""
    return "" if find_spec("vl_convert") else NOT_INSTALLED


def png(svg: str, scale: int = 1) -> bytes:
    """The picture of an SVG in `scale` pixels for each of its own; raises PictureError."""
    return _ask(svg, f"{scale}")


def drawable(text: str) -> str:
    """`text` without the letters that no font here has; raises PictureError."""
    return text if max(text, default="") <= LATIN else _ask(text, "letters").decode()


def _ask(text: str, form: str) -> bytes:
    """The bytes that the drawing process writes for a text; raises PictureError."""
    if problem := missing():
        raise PictureError(problem)
    command = [sys.executable, "-m", "pages.parts.downloads.render", form]
    try:
        process = subprocess.run(
            command, input=text.encode(), capture_output=True, cwd=ROOT, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise PictureError(f"The picture was not ready after {TIMEOUT:g} seconds.") from None
    except OSError as error:
        raise PictureError(f"The picture cannot be drawn: {error.strerror}.") from None
    if process.returncode or (form != "letters" and not process.stdout):
        problem = f"the drawing process ended with code {process.returncode}"
        raise PictureError(f"The picture cannot be drawn: {problem}.")
    return process.stdout


def main() -> None:
    """Write to stdout the picture of what is on stdin, in the scale that the command line names.

    Of "letters" those that a font has.
    """
    import vl_convert  # only here: the server does without its memory

    def picture_of(letter: str) -> bytes:
        return vl_convert.svg_to_png(ONE_LETTER.format(escape(letter)))

    asked, form = sys.stdin.buffer.read().decode(), sys.argv[1]
    if form == "letters":
        nothing = picture_of(UNASSIGNED)
        made = "".join(one for one in asked if one <= LATIN or picture_of(one) != nothing).encode()
    else:
        made = vl_convert.svg_to_png(asked, scale=int(form))
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
