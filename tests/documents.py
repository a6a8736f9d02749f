"""Parts of the documents that are made from the code: `make documents` writes them anew."""

import re
from pathlib import Path
from textwrap import wrap

from model.cli.parser import build_parser

ROOT = Path(__file__).parents[1]
FOLDERS = {  # what each room is for; its modules are read from the folder
    "pages": "the reading pages",
    "pages/parts": "what the pages are drawn from",
    "pages/parts/charts": "a chart and its rows in one file; no streamlit",
    "pages/parts/views": "one view of the stage: a question, its sentence and its picture",
    "pages/parts/wording": "every sentence on the screen",
    "pages/parts/downloads": "files to take away",
    "pages/parts/serving": "what a server answers besides the page",
    "model": "evidence reads data/; names, numbers and the calendar",
    "model/scenario": "settings, cases, scenarios and links",
    "model/engine": "from a scenario to users: the equations, their inputs, project",
    "model/analysis": "every question as a batch of runs",
    "model/calibration": "both fits and the record",
    "model/cli": "the command line",
}

BUNDLED = [  # libraries inside the wheels: start of the file's name, library, licence, packages
    ("libscipy_openblas", "OpenBLAS", "BSD-3-Clause", "numpy, scipy"),
    ("libscipy_openblas", "LAPACK", "BSD-3-Clause-Open-MPI", "numpy, scipy"),
    ("libgfortran", "libgfortran", "GPL-3.0-or-later WITH GCC-exception-3.1", "numpy, scipy"),
    ("libquadmath", "libquadmath", "LGPL-2.1-or-later", "numpy, scipy"),
    ("", "LLVM", "Apache-2.0 WITH LLVM-exception", "llvmlite"),
    ("libavif", "libavif, with libaom, dav1d and libyuv", "BSD-2-Clause, BSD-3-Clause", "pillow"),
    ("libbrotli", "Brotli", "MIT", "pillow"),
    ("libfreetype", "FreeType", "FTL", "pillow"),
    ("libharfbuzz", "HarfBuzz", "MIT-Modern-Variant", "pillow"),
    ("libjpeg", "libjpeg-turbo", "IJG AND BSD-3-Clause AND Zlib", "pillow"),
    ("liblcms2", "Little CMS", "MIT", "pillow"),
    ("liblzma", "liblzma", "0BSD", "pillow"),
    ("libopenjp2", "OpenJPEG", "BSD-2-Clause", "pillow"),
    ("libpng", "libpng", "libpng-2.0", "pillow"),
    ("libsharpyuv", "libsharpyuv", "BSD-3-Clause", "pillow"),
    ("libtiff", "LibTIFF", "libtiff", "pillow"),
    ("libwebp", "WebP", "BSD-3-Clause", "pillow"),
    ("", "Raqm", "MIT", "pillow"),
    ("", "zlib", "Zlib", "pillow"),
    ("libX", "libXau", "MIT", "pillow"),
    ("libxcb", "libxcb", "X11", "pillow"),
    ("libzstd", "Zstandard", "BSD-3-Clause", "pillow"),
]


def libraries() -> str:
    """A table of the libraries that the wheels of packages bring on Linux."""
    rows = [f"| {name} | {licence} | {wheels} |" for _, name, licence, wheels in BUNDLED]
    return "\n".join(["| library | licence | in the wheels of |", "|---|---|---|", *rows, ""])


def commands() -> str:
    """A list of the commands of `python -m model`, with the purpose of each, as Markdown."""
    command = next(action for action in build_parser()._actions if action.dest == "command")
    rows = [f"| `{row.dest}` | {row.help % {}} |" for row in command._choices_actions]
    return "\n".join(["| command | prints |", "|---|---|", *rows, ""])


def packages(*paths: str) -> str:
    """A table of the packages in files of requirements, from the remark beside each pin."""
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path in paths)
    found = re.findall(r"^([\w-]+)==.+?# (.+?): (.+)$", text, re.M)
    rows = [f"| {name} | {licence} | {reason} |" for name, licence, reason in found]
    return "\n".join(["| package | licence | for |", "|---|---|---|", *rows, ""])


def tree() -> str:
    """The folders of the project with their modules, one line a folder, as a code block."""
    lines = ["app.py: the page, top to bottom"]
    for folder, purpose in FOLDERS.items():
        modules = sorted(path.stem for path in (ROOT / folder).glob("*.py"))
        names = " ".join(name for name in modules if not name.startswith("__"))
        indent = {"initial_indent": "    ", "subsequent_indent": "    "}
        lines += [f"{folder}/: {purpose}", *wrap(names, 100, **indent)]
    return "\n".join(["```", *lines, "```", ""])
