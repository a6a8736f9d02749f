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

import kubernetes_validate
import pytest
import yaml

from deploy.replicas import nginx_conf

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
VERSION = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
MANIFESTS = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
KINDS = {manifest["kind"]: manifest for manifest in MANIFESTS}
UNIT = (DEPLOY / "wechat-abroad.service").read_text(encoding="utf-8")


def instructions():
    """The Dockerfile's instructions as pairs of name and rest."""
    lines = re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines()
    return [line.split(" ", 1) for line in lines if line and not line.startswith("#")]


def test_the_dockerfile_follows_the_rules_of_hadolint():
    tool = Path(sys.executable).with_name("hadolint")
    if not tool.exists():
        pytest.skip("no hadolint beside this Python")
    run = subprocess.run([tool, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "")


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
    page = KINDS["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert page == f"wechat-abroad:{VERSION}" and page in images
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
    secrets = {
        service.get("environment", {}).get("STREAMLIT_SERVER_COOKIE_SECRET")
        for service in services.values()
    }
    assert len(secrets - {None}) == 1


def test_nginx_of_compose_is_the_template_filled_in():
    names = ("replica-1", "replica-2")
    addresses = [COMPOSE["services"][name]["networks"]["inside"]["ipv4_address"] for name in names]
    servers = [f"{address}:8501" for address in addresses]
    expected = nginx_conf("8500", servers, Path("/tmp"))
    assert (DEPLOY / "compose-nginx.conf").read_text(encoding="utf-8") == expected, (
        "write it again with `python deploy/replicas.py conf`; deploy/README.md has the line"
    )


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
def test_manifests_fit_the_schema_of_kubernetes(manifest):
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_pods_run_without_root_with_probes_and_limits():
    spec = KINDS["Deployment"]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert spec["replicas"] == 2 and spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    locked = container["securityContext"]
    assert locked["readOnlyRootFilesystem"] is True
    assert locked["allowPrivilegeEscalation"] is False
    assert locked["capabilities"] == {"drop": ["ALL"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] == "/_stcore/health"
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    assert KINDS["PodDisruptionBudget"]["spec"]["minAvailable"] == 1


def test_kubernetes_leads_a_visitor_to_the_same_pod():
    labels = KINDS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    service = KINDS["Service"]
    assert service["spec"]["selector"] == labels
    assert service["spec"]["sessionAffinity"] == "ClientIP"
    ingress = KINDS["Ingress"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"
    path = ingress["spec"]["rules"][0]["http"]["paths"][0]
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]


def test_the_unit_is_hardened():
    lines = UNIT.splitlines()
    hardened = ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateTmp=yes")
    assert not [line for line in hardened if line not in lines]
    for name, command in (("ExecStart", "run"), ("ExecReload", "restart")):
        line = next(line for line in lines if line.startswith(f"{name}="))
        assert f" deploy/replicas.py {command} --folder /run/wechat-abroad" in line


def test_systemd_accepts_the_unit(tmp_path):
    tool = shutil.which("systemd-analyze")
    if not tool:
        pytest.skip("no systemd-analyze found")
    unit = tmp_path / "wechat-abroad.service"
    unit.write_text(
        UNIT.replace("/opt/wechat-abroad/.venv/bin/python", os.path.realpath("/bin/sh"))
    )
    run = subprocess.run([tool, "verify", unit], capture_output=True, text=True)
    assert (run.returncode, "wechat-abroad" in run.stderr) == (0, False), run.stderr


def test_the_development_container_parses():
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert made["forwardPorts"] == [8500, 8501]
    assert "tests/requirements.txt" in made["postCreateCommand"]
