"""The files that put the page on servers: they parse, run without root and limit what they take."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
IGNORE = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
SHOWN = """
import json
import streamlit
from streamlit.testing.v1 import AppTest

made, found = {}, {}
streamlit.download_button = lambda label, data, *_, **__: made.update({label: data})
for name, page, query in (
    ("page", "app.py", {}),
    ("share", "app.py", {"open": "share"}),
    ("method", "pages/method.py", {"tab": "Changes"}),
    ("evidence", "pages/evidence.py", {}),
):
    app = AppTest.from_file(page, default_timeout=60)
    app.query_params.update(query)
    app.run()
    bad = [one.message for one in app.exception] + [one.value for one in app.error]
    found[name] = bad, [one.value for one in app.code]
sizes = {label: len(data()) for label, data in made.items() if callable(data)}
print(json.dumps({"shown": found, "sizes": sizes}))
"""


def instructions():
    """The Dockerfile's instructions as pairs of name and rest."""
    lines = re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines()
    return [line.split(" ", 1) for line in lines if line and not line.startswith("#")]


def copies():
    """(sources, target) of each COPY from the project into the last image, past the packages."""
    last = max(place for place, (name, _) in enumerate(instructions()) if name == "FROM")
    found = [shlex.split(rest) for name, rest in instructions()[last:] if name == "COPY"]
    return [(words[:-1], words[-1]) for words in found if not words[0].startswith("--from")]


def is_sent(path):
    """Whether .dockerignore lets a path of the project through: the last line that fits decides."""
    parts = path.relative_to(ROOT).parts
    names = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    sent = True
    for line in IGNORE:
        pattern = line.removeprefix("!")
        short = pattern.removeprefix("**/")
        tried = [*names, *(parts if short != pattern else ())]
        if any(fnmatch.fnmatchcase(name, short) for name in tried):
            sent = line.startswith("!")
    return sent


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A folder with exactly the files of the project that the image holds."""
    folder = tmp_path_factory.mktemp("image")
    for sources, target in copies():
        for source in sources:
            start = ROOT / source
            files = [start] if start.is_file() else sorted(start.rglob("*"))
            assert files, f"{source} is copied, and not there"
            for file in files:
                if file.is_file() and is_sent(file):
                    place = file.relative_to(start) if start.is_dir() else start.name
                    (folder / target / place).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, folder / target / place)
    return folder


@pytest.mark.full
def test_the_page_and_all_it_makes_need_no_file_that_the_image_lacks_and_write_none(image):
    """Nor a home: a container's file system is not for writing."""
    variables = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "HOME": "/proc/none"}
    made = [sys.executable, "-m", "model", "compile"]  # as the Dockerfile does
    subprocess.run(made, cwd=image, env=variables, capture_output=True, check=True)
    before, command = sorted(image.rglob("*")), [sys.executable, "-c", SHOWN]
    assert not {"tests", ".git", "__pycache__"} & {path.name for path in before}
    run = subprocess.run(command, cwd=image, env=variables, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert sorted(image.rglob("*")) == before
    found = json.loads(run.stdout.splitlines()[-1])
    assert not {name: bad for name, (bad, _) in found["shown"].items() if bad}
    assert any("How far could WeChat go abroad?" in code for code in found["shown"]["share"][1])
    assert any("XLSX" in label for label in found["sizes"]) and min(found["sizes"].values()) > 100


def test_the_container_runs_without_root_and_says_whether_it_is_healthy():
    names, last = [name for name, _ in instructions()], dict(instructions())
    assert last["USER"] == "10001:10001" and not {"RUN", "COPY"} & {*names[names.index("USER") :]}
    assert json.loads(last["CMD"])[4] == "deploy/serve.py"
    health = json.loads(last["HEALTHCHECK"].split("CMD ", 1)[1])
    compile(health[2], "HEALTHCHECK", "exec")
    assert "/_stcore/health" in health[2] and "--require-hashes" in DOCKERFILE


def test_containers_of_compose_are_locked():
    services = COMPOSE["services"]
    assert set(services) == {"replica-1", "replica-2", "nginx"}
    for service in services.values():
        assert service["read_only"] is True and service["tmpfs"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["pids_limit"]
    assert services["nginx"]["user"] == "101:101"
    assert (DEPLOY / services["nginx"]["volumes"][0].split(":")[0]).is_file()


def test_replicas_believe_nginx_alone_who_a_visitor_is():
    """Only the network inside reaches them; that nginx writes the header anew: test_nginx.py."""
    (inside,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    first, second = (COMPOSE["services"][name] for name in ("replica-1", "replica-2"))
    for service in (first, second):
        assert service["environment"] == first["environment"]  # one secret for cookies
        assert service["environment"]["FORWARDED_ALLOW_IPS"] == inside["subnet"]
        assert list(service["networks"]) == ["inside"] and "ports" not in service
