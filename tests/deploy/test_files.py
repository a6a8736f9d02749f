"""The files that put the page on servers: they parse, run without root and limit what they take."""

import fnmatch
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
VERSION = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def instructions():
    """The Dockerfile's instructions as pairs of name and rest."""
    lines = re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines()
    return [line.split(" ", 1) for line in lines if line and not line.startswith("#")]


def test_the_container_runs_without_root_and_says_whether_it_is_healthy():
    found = instructions()
    last = {name: rest for name, rest in found}
    assert last["USER"] == "10001:10001"
    assert [name for name, _ in found].index("USER") > max(
        place for place, (name, _) in enumerate(found) if name in ("RUN", "COPY")
    )
    command = json.loads(last["CMD"])
    assert command[:5] == ["python", "-m", "streamlit", "run", "deploy/serve.py"]
    health = json.loads(last["HEALTHCHECK"].split("CMD ", 1)[1])
    assert "/_stcore/health" in health[2]
    compile(health[2], "HEALTHCHECK", "exec")
    assert "PYTHONDONTWRITEBYTECODE=1" in DOCKERFILE and "HOME=/tmp" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE and "--no-cache-dir" in DOCKERFILE


def test_the_container_has_every_file_of_the_page():
    """The copied files exist, pass .dockerignore, and are all that app.py and serve.py import."""
    copied = set()
    for name, rest in instructions():
        if name == "COPY" and "--from" not in rest:
            copied |= set(shlex.split(rest)[:-1])
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    assert copied == let_in and ignore[1] == "*"
    assert not [path for path in copied if not (ROOT / path).exists()]
    tracked = subprocess.run(
        ["git", "ls-files", "app.py", "model", "pages", "data", ".streamlit/*.toml"],
        **{"cwd": ROOT, "capture_output": True, "text": True},
    )
    if tracked.returncode:
        pytest.skip("not a git repository")
    within = [f"{path}/*" if (ROOT / path).is_dir() else path for path in copied]
    for path in tracked.stdout.splitlines():
        assert any(fnmatch.fnmatch(path, pattern) for pattern in within), path


def test_files_name_the_version_of_the_project():
    images = {service["image"] for service in COMPOSE["services"].values()}
    assert f"wechat-abroad:{VERSION}" in images
    assert f"-t wechat-abroad:{VERSION} " in DOCKERFILE


def test_containers_of_compose_are_locked():
    services = COMPOSE["services"]
    assert set(services) == {"replica-1", "replica-2", "nginx"}
    for service in services.values():
        assert service["read_only"] is True and service["tmpfs"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["pids_limit"]
    assert services["nginx"]["user"] == "101:101"
    assert [one.split(":")[0] for one in services["nginx"]["volumes"]] == ["./nginx.conf"]
    secrets = {
        service.get("environment", {}).get("STREAMLIT_SERVER_COOKIE_SECRET")
        for service in services.values()
    }
    assert len(secrets - {None}) == 1


def test_the_development_container_parses():
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert made["forwardPorts"] == [8500, 8501]
    assert "tests/requirements.txt" in made["postCreateCommand"]
