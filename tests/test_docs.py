"""The documents: what they say runs, exists and fits on a line."""

import ast
import doctest
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from model.cli.parser import build_parser, main

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.rglob("*.md"))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
}
README, CONTRIBUTING = DOCUMENTS["README.md"], DOCUMENTS["CONTRIBUTING.md"]
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for folder in ("model", "pages", "deploy", "tests")
    for path in sorted([ROOT / "app.py", *(ROOT / folder).rglob("*.py")])
}
PYTHON = "\n".join(SOURCES.values())
RIDDLES = (
    *("is there twice", "is there more than once", "were there", "where there were"),
    *("have no time in common", "above where it is cut", "and is told", "as the slider says"),
)


def blocks(language):
    """The code blocks of the README in one language."""
    parts = re.split(r"^```(.*)\n", README, flags=re.M)  # text, language, code, "", text, ...
    return [code for name, code in zip(parts[1::4], parts[2::4], strict=True) if name == language]


def model_commands(text):
    """The words after `python -m model` of each such line."""
    lines = [line for line in text.splitlines() if re.search(r"python -m model\s", line)]
    return [shlex.split(line.split("python -m model", 1)[1], comments=True) for line in lines]


COMMANDS = [words for block in blocks("sh") for words in model_commands(block)]
LINES = sorted(
    {shlex.join(words) for words in [*COMMANDS, *model_commands(build_parser().epilog or "")]}
)


@pytest.mark.parametrize("path", SOURCES)
def test_no_docstring_opens_with_what(path):
    """A docstring names its subject."""
    defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
    nodes = [node for node in ast.walk(ast.parse(SOURCES[path])) if isinstance(node, defined)]
    opens = {getattr(node, "name", "module"): ast.get_docstring(node) or "" for node in nodes}
    assert not [name for name, text in opens.items() if re.match(r"What\b", text)]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_have_at_most_100_columns(path):
    lines = enumerate(DOCUMENTS[path].splitlines(), 1)
    assert not [number for number, line in lines if len(line) > 100]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_have_no_riddles(path):
    text = " ".join(DOCUMENTS[path].lower().split())
    assert not [words for words in RIDDLES if words in text]


def test_python_blocks_of_the_readme_run():
    """All are one session, compared with the output that they show."""
    session = doctest.DocTestParser().get_doctest("".join(blocks("python")), {}, "README.md", "", 0)
    lines = []
    result = doctest.DocTestRunner(verbose=False).run(session, out=lines.append)
    assert result.attempted and not result.failed, "".join(lines)


def test_the_readme_shows_every_command():
    shown = {words[0] for words in COMMANDS}
    known = next(action for action in build_parser()._actions if action.dest == "command").choices
    assert shown == set(known)


@pytest.mark.parametrize("line", LINES)
def test_commands_of_the_readme_and_the_help_are_accepted(line):
    words = shlex.split(line)
    assert build_parser().parse_args(words).command == words[0]


@pytest.mark.parametrize("words", [w for w in COMMANDS if w[0] in ("cases", "project")])
def test_cheap_commands_of_the_readme_run(words, capsys):
    assert main(words) == 0
    assert len(capsys.readouterr().out.splitlines()) > 5


def test_make_targets_that_are_named_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)", makefile, re.M)[1].split())
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README + CONTRIBUTING, re.M))
    assert {"app", "test"} <= named <= targets


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "GLOSSARY.md", "pages/method.md"])
def test_files_that_are_named_exist(path):
    quoted = re.findall(r"`([\w.]+(?:/[\w.]*)+)`", DOCUMENTS[path])
    links = re.findall(r"\]\((?!http)([^)#]+)\)", DOCUMENTS[path])
    assert not [name for name in {*quoted, *links} if not (ROOT / name).exists()]


def test_the_tree_of_the_readme_names_every_module():
    tree = next(block for block in blocks("") if block.startswith("app.py"))
    named, folder = {}, ""
    for line in tree.splitlines():
        if start := re.match(r"([\w/]+/) +", line):
            folder = start[1]
            line = line[start.end() :]
        if re.match(r"(model|pages/parts)/", folder):
            named.setdefault(folder, set()).update(re.findall(r"\w+", line.split(":")[-1]))
    folders = {
        path.parent for path in [*ROOT.glob("model/**/*.py"), *ROOT.glob("pages/parts/**/*.py")]
    }
    own = {
        f"{folder.relative_to(ROOT)}/": {p.stem for p in folder.glob("*.py")} - {"__init__"}
        for folder in folders
    }
    assert named == own


def test_names_in_the_glossary_are_those_of_the_code():
    names = set(re.findall(r"`([A-Za-z_]\w*)`", DOCUMENTS["GLOSSARY.md"]))
    settings = (ROOT / "data" / "settings.csv").read_text(encoding="utf-8")
    assert not [name for name in sorted(names) if not re.search(rf"\b{name}\b", PYTHON + settings)]


def test_glossary_is_in_the_order_of_the_alphabet():
    terms = re.findall(r"^- \*\*(.+?)\*\*", DOCUMENTS["GLOSSARY.md"], re.M)
    assert len(terms) > 40 and terms == sorted(terms, key=str.lower)


def test_one_version_and_one_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", citation, re.M)[1] == project["version"]
    assert re.search(r"^date-released: (\S+)$", citation, re.M)[1] in DOCUMENTS["CHANGELOG.md"]
    assert re.search(r"^license: MIT$", citation, re.M)
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT")


@pytest.mark.parametrize("path", ["requirements.txt", "tests/requirements.txt"])
def test_every_package_is_pinned_and_the_readme_says_what_for(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith(("#", "-r"))]
    assert all(
        re.fullmatch(r'[\w-]+==[\w.]+(; python_version (<|>=) "3\.12")?', line) for line in packages
    )
    for line in packages:
        assert line.split("==")[0].split("-")[0] in README.lower(), line
