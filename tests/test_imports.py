"""The tree: imports go one way, what each part may import, and how long it may be."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
RANKS = {"data": 0, "model": 1, "pages.parts": 2, "pages": 3, "app": 3, "tests": 4}
FILES = [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("model/**/*.py")]
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(FILES)
    if path.exists()
}


def imported(module):
    """Full names of what `module` imports, wherever in the file."""
    for node in ast.walk(ast.parse(SOURCES[module])):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            start = ".".join([*above, node.module] if node.module else above)
            yield from (f"{start}.{alias.name}" for alias in node.names)


def rank(name):
    """Place of a name in the tree, or -1 for a package from elsewhere."""
    return next((place for part, place in RANKS.items() if f"{name}.".startswith(f"{part}.")), -1)


def test_imports_go_one_way():
    """From data to model to pages/parts to app.py and the pages, which nobody imports."""
    pairs = [(module, name) for module in SOURCES for name in imported(module)]
    assert not [(a, b) for a, b in pairs if rank(b) > rank(a) or rank(b) >= RANKS["app"]]


def test_numbers_know_no_screen():
    """The model draws nothing, and the charts read no widget."""
    banned = {name: {"streamlit", "altair"} for name in SOURCES if rank(name) == RANKS["model"]}
    banned["pages.parts.charts"] = {"streamlit"}
    found = [(m, i) for m in banned.keys() & SOURCES for i in imported(m)]
    assert not [(m, i) for m, i in found if i.split(".")[0] in banned[m]]


def test_only_one_module_caches():
    users = {module for module, text in SOURCES.items() if "cache_data" in text}
    users |= {module for module, text in SOURCES.items() if "cache_resource" in text}
    assert users <= {"pages.parts.cached"}


# what the project can do beyond projecting: fitted and scored, asked, linked, swept
BEYOND = (
    *("vintage", "targets", "calibrate", "origins", "backtest", "record", "record_scores"),
    *("questions", "comparison", "sensitivity", "story"),
    *("words", "share", "grids", "sweep", "commands"),
)


def test_size():
    """No module over 300 lines; app.py and the model without what is BEYOND under 3,000."""
    lines = {module: len(text.splitlines()) for module, text in SOURCES.items()}
    assert not {module: n for module, n in lines.items() if n > 300}
    own = {m: n for m, n in lines.items() if m == "app" or rank(m) == RANKS["model"]}
    beyond = {f"model.{name}" for name in BEYOND}
    assert beyond <= own.keys()
    assert sum(n for module, n in own.items() if module not in beyond) < 3000
