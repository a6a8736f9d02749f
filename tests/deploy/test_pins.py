"""The pins with hashes: all of what is needed, at the versions that are tested, from anywhere."""

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAIRS = [
    ("requirements.txt", "deploy/requirements.txt"),
    ("tests/requirements-full.txt", "tests/requirements-locked.txt"),
]
PIN = re.compile(r"([\w.-]+)==([\w.]+)(?: *;.*)?")


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(path):
    """Versions by name in a file that people write, with those of the files that it includes."""
    text = (ROOT / path).read_text(encoding="utf-8")
    found = versions(re.findall(rf"^{PIN.pattern}", text, re.M))
    for included in re.findall("^-r (.+)", text, re.M):
        found |= pins(Path(path).parent / included)
    return found


def requirements(path):
    """The requirements of a file with hashes, each as one line without comments."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.M)
    return text.replace("\\\n", " ").strip().splitlines()


def locked(path):
    return versions(PIN.match(line).groups() for line in requirements(path))


def versions(pairs):
    """Versions by name: several for several systems or versions of Python."""
    found = {}
    for name, version in pairs:
        found.setdefault(plain(name), set()).add(version)
    return found


@pytest.mark.parametrize(("written", "made"), PAIRS)
def test_every_pin_is_locked_at_the_same_version(written, made):
    known, made_of = pins(written), locked(made)
    assert len(known) >= 9
    assert known == {name: made_of.get(name) for name in known}, "make lock writes it anew"


@pytest.mark.parametrize("path", [made for _, made in PAIRS])
def test_every_requirement_has_a_hash_and_none_a_host(path):
    lines = requirements(path)
    assert len(lines) > 30
    entry = re.compile(rf"{PIN.pattern} +(--hash=sha256:[0-9a-f]{{64}} *)+")
    assert not [line for line in lines if not entry.fullmatch(line)]
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@", text)


@pytest.mark.parametrize("path", [made for _, made in PAIRS])
def test_whatever_a_locked_package_needs_is_locked(path):
    """By what the packages that are installed here say; `make lock` also knows other systems."""
    names = locked(path)
    for name in names:
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system
        for need in needs:
            if ";" not in need:
                assert plain(re.match(r"[\w.-]+", need)[0]) in names, f"{name} needs {need}"


def test_both_files_agree():
    runtime, tests = (locked(made) for _, made in PAIRS)
    assert not {name for name in runtime if runtime[name] != tests.get(name)}
