"""The project as a package: a wheel is built, and page and command line run from it elsewhere."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.server import ROOT, free_port, is_healthy, wait_for

pytestmark = pytest.mark.full
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the project, built with the packages that are here."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder]
    run = subprocess.run([sys.executable, *words, ROOT], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of programs of a new environment with the wheel, and this one's packages."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env")
    programs = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    words = ["-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel]
    subprocess.run([sys.executable, *words], check=True)
    place = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", place], capture_output=True, text=True, check=True)
    Path(site.stdout.strip(), "others.pth").write_text(sysconfig.get_path("purelib"))
    return programs


def run(installed, folder, *words):
    """The lines that a program of the environment prints in a folder of its own."""
    done = subprocess.run([installed / words[0], *words[1:]], cwd=folder, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_the_wheel_has_the_version_and_the_packages_of_the_project(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        about = file.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert f"Version: {PROJECT['project']['version']}\n" in about
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    needs = re.findall("^Requires-Dist: (?!.*extra ==).*", about, re.M)  # but those of `calibrate`
    assert len(needs) == len(re.findall("^[a-z].*==", pins, re.M))
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    files = {"app.py", "CITATION.cff", "CHANGELOG.md", "GLOSSARY.md"}
    assert tops == files | {".streamlit", "data", "deploy", "model", "pages"}


def test_the_command_line_runs_from_the_wheel(installed, tmp_path):
    cases = run(installed, tmp_path, "python", "-m", "model", "cases")
    assert cases == run(installed, tmp_path, "wechat-abroad", "cases") and len(cases) > 5
    rows = run(installed, tmp_path, "wechat-abroad", "project", "--case", "march-2014")
    here = subprocess.run(
        [sys.executable, "-m", "model", "project", "--case", "march-2014"],
        **{"cwd": ROOT, "capture_output": True, "check": True},
    )
    assert rows == here.stdout.decode().splitlines() and len(rows) > 100


def test_the_page_opens_from_the_wheel(installed, tmp_path):
    port = free_port()
    settings = {"STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true"}
    process = subprocess.Popen(
        [installed / "wechat-abroad"],
        **{"cwd": tmp_path, "env": os.environ | settings, "start_new_session": True},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
    )
    try:
        wait_for(lambda: is_healthy(f"http://localhost:{port}"), "the page did not open")
        page = urllib.request.urlopen(f"http://localhost:{port}")
        assert page.headers["content-security-policy"] and b'id="first"' in page.read()
    finally:
        os.killpg(process.pid, 2)  # as Ctrl-C does: to the command and its server
        said = process.communicate(timeout=20)[0].decode()
    assert process.returncode == 0 and "Traceback" not in said, said
