"""The documents: what they say runs, exists, is up to date and fits on a line."""

import doctest
import io
import re
import shlex
import tomllib
from contextlib import redirect_stdout
from importlib import metadata
from pathlib import Path

import pytest
from cogapp import Cog

from model.cli.parser import build_parser
from tests.documents import BUNDLED

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.rglob("*.md"))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
}
README, CONTRIBUTING = DOCUMENTS["README.md"], DOCUMENTS["CONTRIBUTING.md"]
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("model", "pages", "deploy", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
)
PINNED = ("requirements.txt", "tests/requirements.txt", "tests/requirements-full.txt")
COMMANDS = [
    shlex.split(line.split("python -m model", 1)[1], comments=True)
    for text in (build_parser().epilog, *re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S))
    for line in re.findall(r"^ *\S*python -m model [a-z].*", text, re.M)
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_have_at_most_100_columns(path):
    lines = enumerate(DOCUMENTS[path].splitlines(), 1)
    assert not [number for number, line in lines if len(line) > 100 and not line.startswith("|")]


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "deploy/README.md"])
def test_parts_that_are_made_from_the_code_are_up_to_date(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    with redirect_stdout(io.StringIO()) as said:
        assert Cog().main(["cog", "--check", path]) == 0, f"{said.getvalue()}: make documents"


def test_python_blocks_of_the_readme_run():
    blocks = "".join(re.findall(r"^```python\n(.*?)^```", README, re.M | re.S))
    session = doctest.DocTestParser().get_doctest(blocks, {}, "README.md", "", 0)
    lines = []
    result = doctest.DocTestRunner(verbose=False).run(session, out=lines.append)
    assert result.attempted and not result.failed, "".join(lines)


@pytest.mark.parametrize("words", COMMANDS, ids=shlex.join)
def test_commands_that_are_shown_are_accepted(words):
    assert build_parser().parse_args(words).command == words[0]


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


def test_names_in_the_glossary_are_those_of_the_code():
    names = set(re.findall(r"`([A-Za-z_]\w*)`", DOCUMENTS["GLOSSARY.md"]))
    tables = [
        (ROOT / "data" / f"{one}.csv").read_text("utf-8") for one in ("settings", "parameters")
    ]
    known = CODE + "".join(tables)
    assert not [name for name in sorted(names) if not re.search(rf"\b{name}\b", known)]


def test_glossary_is_in_the_order_of_the_alphabet():
    terms = re.findall(r"^- \*\*(.+?)\*\*", DOCUMENTS["GLOSSARY.md"], re.M)
    assert len(terms) > 40 and terms == sorted(terms, key=str.lower)


def test_one_version_and_one_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    newest = re.search(r"^### (\S+), (\S+):", DOCUMENTS["CHANGELOG.md"], re.M)
    assert re.search(r"^version: (\S+)$", citation, re.M)[1] == newest[1] == project["version"]
    assert re.search(r"^date-released: (\S+)$", citation, re.M)[1] == newest[2]
    assert re.search(r"^license: MIT$", citation, re.M)
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT")


def test_every_library_inside_a_wheel_has_a_row_with_the_licence_that_the_wheel_names():
    """Only Linux puts them beside the package. A record is Name, Files, ..., License."""
    for place in metadata.distributions():
        name = place.metadata["Name"].lower()
        files = [str(file) for file in place.files or ()]
        for library in (file.split("/")[1] for file in files if f"{name}.libs/lib" in file):
            rows = [row for row in BUNDLED if row[0] and library.startswith(row[0])]
            assert any(name in row[3].split(", ") for row in rows), (name, library)
        texts = [place.locate_file(file) for file in files if file.endswith("LICENSE.txt")]
        for text in texts if name in ("numpy", "scipy") else ():
            records = re.findall(
                r"^Name: (.+)\nFiles: \S*\.libs/(\w+).*\n(?:.+\n)*?License: (.+)",
                text.read_text(encoding="utf-8"),
                re.M,
            )
            for _, file, licence in records:
                assert licence in {row[2] for row in BUNDLED if row[0] == file}, (file, licence)


@pytest.mark.parametrize("path", PINNED)
def test_every_package_is_pinned_with_its_licence_and_reason(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith(("#", "-r"))]
    named = set()
    for line in pins:
        found = re.fullmatch(r"([\w-]+)==[\w.]+(?:; [\w\". <>=!-]+?)?(  # [\w.; -]+: .+)?", line)
        assert found and (found[2] or found[1] in named), line
        named.add(found[1])
