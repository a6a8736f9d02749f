"""The tree: imports go one way, what each part may import, and how long a module may be."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
# a part imports only parts above it in this list, and modules of its own
ORDER = (
    *("model.quarters", "model.messengers", "model.number_text"),
    *("model.evidence", "model.scenario", "model.engine", "model.analysis"),
    *("model.calibration", "model.cli", "model", "model.__main__"),
    *("pages.parts", "pages", "app"),
)
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted([ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("model/**/*.py")])
}


def imported(module):
    """Full names of what `module` imports, wherever in the file."""
    for node in ast.walk(ast.parse(SOURCES[module])):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: relative"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rank(name):
    """Place of a name in the order, by the longest part that it lies in; -1 from elsewhere."""
    parts = [part for part in ORDER if f"{name}.".startswith(f"{part}.")]
    return ORDER.index(max(parts, key=len)) if parts else -1


def known_module(name):
    """The module of the project that an imported name lies in, or "" for one from elsewhere."""
    parts = name.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((part for part in names if part in SOURCES), "")


def test_imports_go_one_way():
    pairs = [(module, name) for module in SOURCES for name in imported(module)]
    assert not [(a, b) for a, b in pairs if rank(b) > rank(a)]
    assert not [(a, b) for a, b in pairs if rank(b) == rank("app")]


def test_no_module_imports_itself_by_way_of_others():
    needs = {
        module: {known_module(name) for name in imported(module)} - {"", module}
        for module in SOURCES
    }
    TopologicalSorter(needs).prepare()  # CycleError names the modules


def test_numbers_know_no_screen():
    """The model draws nothing, and the charts read no widget."""
    for module in SOURCES:
        names = {name.split(".")[0] for name in imported(module)}
        if module.startswith("model"):
            assert not names & {"streamlit", "altair"}, module
        if module.startswith(("pages.parts.charts", "pages.parts.downloads")):
            assert "streamlit" not in names, module


def test_only_one_module_of_the_page_caches():
    """Results are kept in pages.parts.cached alone, each cache with a largest size."""
    for module, text in SOURCES.items():
        if module.startswith(("pages", "app")) and module != "pages.parts.cached":
            assert not [
                word for word in ("cache_data", "cache_resource", "lru_cache") if word in text
            ]


def test_no_function_has_the_name_of_its_module_or_of_a_standard_one():
    for module, text in SOURCES.items():
        taken = {module.rsplit(".", 1)[-1], "csv", "json", "html"}
        names = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        assert not names & taken, module


def test_no_module_is_over_300_lines():
    assert not {name for name, text in SOURCES.items() if len(text.splitlines()) > 300}
