"""Sweeps on many machines: parts, a Dask cluster, workers that end, and kills at any time."""

import os
import random
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from model.cli import sweep, sweep_input, sweep_workers
from model.cli.parser import main
from model.scenario.scenario import case, change
from model.whole_file import unfinished

ROOT = Path(__file__).parents[2]
MODEL = [sys.executable, "-W", "error", "-m", "model"]
GRID = ["--set", "horizon=1", "--grid", "wechat=60:200:20", "--grid", "concern=0:100:25"]
LONG = ["sweep", "--set", "horizon=1", "--grid", "wechat=0:400:0.0001"]
NO_KILL = pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")


@pytest.fixture
def plan():
    """40 scenarios of five quarters."""
    base = change(case(), {"horizon": 1})
    return sweep_input.grid(base, ["wechat=60:200:20", "concern=0:100:25"])


def swept(plan, path, **options):
    sweep.write_sweep(plan, path, **options)
    return path.read_bytes()


def wait_for(met):
    """Wait until `met()`, at most a minute."""
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("kind", ["grid", "list"])
@pytest.mark.parametrize("parts", [1, 3, 8, 41])
def test_parts_are_the_whole(plan, tmp_path, monkeypatch, kind, parts):
    """In order and without the later headers, byte for byte; no part is larger by more than one."""
    if kind == "list":
        path = tmp_path / "list.csv"
        rows = [",".join(map(str, row.values())) for row in plan.rows()]
        path.write_text("\n".join(["wechat,concern", *rows]), encoding="utf-8")
        plan = sweep_input.listed(plan.base, path)
    whole = swept(plan, tmp_path / "whole.csv")
    monkeypatch.setattr(sweep, "BLOCK", 3)
    texts = [
        swept(replace(plan, part=(number, parts)), tmp_path / f"{number}.csv")
        for number in range(1, parts + 1)
    ]
    header, _, _ = whole.partition(b"\n")
    assert {text.partition(b"\n")[0] for text in texts} == {header}
    assert header + b"\n" + b"".join(text.partition(b"\n")[2] for text in texts) == whole
    scenarios = [(text.count(b"\n") - 1) / 5 for text in texts]
    assert max(scenarios) - min(scenarios) <= 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no sh")
def test_the_commands_of_the_readme_put_parts_together(tmp_path):
    (tmp_path / "scenarios.csv").write_text("concern,horizon\n1,1\n2,1\n3,1\n4,1\n")
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    block = next(block for block in blocks if "tail -n +2" in block)
    words = ["sh", "-ec", block.replace(".venv/bin/python", shlex.quote(sys.executable))]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(words, cwd=tmp_path, env=environment, check=True, timeout=120)
    whole = tmp_path / "whole.csv"
    assert main(["sweep", "--list", f"{tmp_path}/scenarios.csv", "--out", str(whole)]) == 0
    assert (tmp_path / "sweep.csv").read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    "part", ["0/8", "9/8", "3/0", "x/y", "3", "3/8/2", "1/" + "9" * 5000, "½/1"]
)
def test_a_bad_part_is_one_sentence(tmp_path, capsys, part):
    with pytest.raises(SystemExit) as stop:
        main(["sweep", *GRID, "--out", str(tmp_path / "out.csv"), "--part", part])
    err = capsys.readouterr().err
    assert stop.value.code == 2 and err.count("\n") == 1 and len(err) < 200
    assert "--part" in err and "3/8" in err and repr(part)[:40] in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("end", [1, 4_000_000])
def test_a_late_part_begins_at_once(end):
    """Of ten million scenarios; a part does not make the rows before its own."""
    plan = sweep_input.grid(case(), ["concern=0:99.99:0.01", "wechat=0:399.6:0.4"])
    late = replace(plan, part=(10_000_000 - end, 10_000_000))
    (number, row), *more = next(sweep._blocks(late))
    assert number == 10_000_000 - end and not more
    assert row == {
        "concern": (number - 1) // 1000 / 100,
        "wechat": pytest.approx(0.4 * ((number - 1) % 1000)),
    }


def test_a_second_sweep_into_a_file_is_refused(tmp_path, capsys):
    out = tmp_path / "out.csv"
    with subprocess.Popen([*MODEL, *LONG, "--out", str(out)], cwd=ROOT) as first:
        try:
            wait_for(lambda: unfinished(out).exists() and unfinished(out).stat().st_size > 1000)
            assert main(["sweep", *GRID, "--out", str(out)]) == 2
            assert first.poll() is None
        finally:
            first.kill()
    printed, err = capsys.readouterr()
    assert not printed and err.count("\n") == 1
    assert f"--out {out} is being written by another sweep" in err
    assert unfinished(out).read_bytes().startswith(b"scenario,wechat,quarter,")
    assert main(["sweep", *GRID, "--out", str(out)]) == 0, "the lock ends with its program"


def children(pid):
    """Processes whose parent is `pid`, as Linux lists them."""
    return [
        int(found)
        for path in Path(f"/proc/{pid}/task").glob("*/children")
        for found in path.read_text().split()
    ]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found as on Linux")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_workers_end_when_their_parent_is_killed(tmp_path, name):
    out = tmp_path / "out.csv"
    command = [*MODEL, *LONG, "--out", str(out), "--jobs", "3"]
    with subprocess.Popen(command, cwd=ROOT) as running:
        wait_for(lambda: unfinished(out).exists() and unfinished(out).stat().st_size > 1000)
        workers = children(running.pid)
        assert len(workers) == 3
        running.send_signal(getattr(signal, name))
    try:
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    finally:
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found as on Linux")
def test_a_killed_worker_is_one_sentence(tmp_path):
    """The system kills the largest process when memory is short."""
    out = tmp_path / "out.csv"
    command = [*MODEL, *LONG, "--out", str(out), "--jobs", "2"]
    pipe = {"stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipe) as running:
        wait_for(lambda: unfinished(out).exists() and unfinished(out).stat().st_size > 1000)
        os.kill(children(running.pid)[0], signal.SIGKILL)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 2 and err.count("\n") == 1 and "worker was killed" in err


def dies_while_it_sends():
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bytes(100_000_000)  # a tenth of a second later it is on its way


@NO_KILL
def test_a_worker_that_dies_while_it_sends_ends_the_sweep():
    """Half a result is in the pipe then, which the reader must not wait for."""
    with sweep_workers.workers(2, None) as (pool, _):
        waiting = [pool.submit(dies_while_it_sends), *(pool.submit(bytes, 9) for _ in range(9))]
        with pytest.raises(sweep_workers._WorkerLostError):
            waiting[0].result()


@NO_KILL
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_kills_at_any_time_leave_no_half_file(tmp_path, jobs):
    """The final file is whole or not there, the unfinished one is its beginning."""
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    words = ["sweep", "--set", "horizon=1", "--grid", "wechat=0:400:0.1"]
    assert main([*words, "--out", str(whole)]) == 0
    rng, complete = random.Random(7), whole.read_bytes()
    for _ in range(4):
        size = rng.randrange(len(complete))
        with subprocess.Popen([*MODEL, *words, "--out", str(out), "--jobs", jobs], cwd=ROOT) as run:
            wait_for(
                lambda run=run, size=size: (
                    run.poll() is not None
                    or (unfinished(out).exists() and unfinished(out).stat().st_size >= size)
                )
            )
            time.sleep(rng.uniform(0, 0.1))
            run.kill()
        if out.exists():
            assert out.read_bytes() == complete and not unfinished(out).exists()
            out.unlink()
        else:
            assert complete.startswith(unfinished(out).read_bytes())
    wait_for(lambda: main([*words, "--out", str(out), "--jobs", jobs]) == 0)
    assert out.read_bytes() == complete and sorted(tmp_path.iterdir()) == [out, whole]


@pytest.mark.parametrize("kind", ["one line", "many lines", "device", "pipe"])
def test_a_list_without_an_end_is_refused(tmp_path, monkeypatch, kind):
    path = tmp_path / "list.csv"
    path.write_text("wechat\n" + "1\n" * 20 + "2" * 200_000, encoding="utf-8")
    if kind == "many lines":
        monkeypatch.setattr(sweep_input, "LARGEST_LIST", 200_000)
    if kind in ("device", "pipe"):
        if sys.platform == "win32":
            pytest.skip("has no such files")
        path.unlink()
        path.symlink_to("/dev/zero") if kind == "device" else os.mkfifo(path)
    expected = {
        "one line": "a line has more than 100,000",
        "many lines": "expected at most 0.0002 GB",
    }
    with pytest.raises(ValueError, match=expected.get(kind, "is not a file")) as caught:
        sweep_input.listed(case(), path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="has no sparse file of 10 GB")
def test_a_list_of_10_gb_is_refused(tmp_path):
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(ValueError, match="expected at most 2 GB, found 10.00 GB"):
        sweep_input.listed(case(), path)


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    options = {"protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": None}
    options |= {"n_workers": 2, "threads_per_worker": 1, "processes": sys.argv[1] == "processes"}
    with LocalCluster(**options) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path, request):
    """Address and process of a Dask cluster with two workers on this machine."""
    pytest.importorskip("distributed")
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    kind, folder = request.param
    environment = os.environ | {"PYTHONPATH": str(folder)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, str(script), kind]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **pipes) as running:
        yield running.stdout.readline().strip(), running
        try:
            running.communicate("", timeout=60)
        finally:
            running.kill()


def on_cluster(address, out, *words):
    command = [*MODEL, "sweep", *words, "--out", str(out), "--scheduler", address]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


KINDS = [("processes", ROOT), ("threads", ROOT)]


@pytest.mark.parametrize("cluster", KINDS, indirect=True, ids=["processes", "threads"])
def test_a_cluster_writes_the_same_bytes(cluster, tmp_path):
    """As one process, for the whole and for a part."""
    words = ["--set", "horizon=1", "--grid", "wechat=0:400:0.1"]
    for part in ("1/1", "2/3"):
        one, many = tmp_path / "one.csv", tmp_path / "many.csv"
        assert main(["sweep", *words, "--out", str(one), "--part", part, "--force"]) == 0
        run = on_cluster(cluster[0], many, *words, "--part", part, "--force")
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
        assert one.read_bytes() == many.read_bytes()


@pytest.mark.parametrize("cluster", [("processes", "")], indirect=True, ids=["no model"])
def test_workers_without_the_model_are_one_sentence(cluster, tmp_path):
    run = on_cluster(cluster[0], tmp_path / "out.csv", *GRID)
    assert run.returncode == 2 and run.stderr.count("\n") == 1 and run.stdout == ""
    assert f"PYTHONPATH={ROOT}" in run.stderr and cluster[0] in run.stderr


@NO_KILL
@pytest.mark.parametrize("cluster", KINDS[1:], indirect=True, ids=["threads"])
def test_a_lost_cluster_is_one_sentence(cluster, tmp_path):
    address, running = cluster
    out = tmp_path / "out.csv"

    def kill():
        wait_for(lambda: unfinished(out).exists() and unfinished(out).stat().st_size > 1000)
        running.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    run = on_cluster(address, out, *LONG[1:])
    killer.join()
    assert run.returncode == 2 and run.stderr.count("\n") == 1, run.stderr
    assert f"{address}: the cluster was lost" in run.stderr and not out.exists()


def test_a_connection_that_breaks_while_a_result_comes_is_a_lost_cluster():
    """Dask's own executor waits for ever then, as 6 of 45 killed clusters showed."""

    class Client:
        def submit(self, *args, **kwargs):
            return self

        def result(self):
            raise ConnectionResetError(104, "Connection reset by peer")

    with pytest.raises(CancelledError):
        sweep_workers._DaskExecutor(Client()).submit(print).result()


@pytest.mark.parametrize("kind", ["closed", "silent"])
def test_a_scheduler_that_does_not_answer_is_one_sentence(tmp_path, kind):
    """Nobody listens, or somebody who says nothing."""
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if kind == "closed":
            server.close()
        run = on_cluster(address, tmp_path / "out.csv", *GRID)
    assert run.returncode == 2 and run.stdout == "" and run.stderr.count("\n") == 1
    assert f"{address}: no Dask scheduler answers there" in run.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:1", "tcp://127.0.0.1"])
def test_a_bad_address_is_one_sentence(tmp_path, capsys, address):
    pytest.importorskip("distributed")
    assert main(["sweep", *GRID, "--out", str(tmp_path / "x"), "--scheduler", address]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and repr(address) in err and "tcp://10.0.0.1:8786" in err


def test_without_dask_one_sentence_says_how_to_install_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    address = "tcp://127.0.0.1:1"
    assert main(["sweep", *GRID, "--out", str(tmp_path / "x"), "--scheduler", address]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "python -m pip install distributed" in err


def test_a_worker_with_another_model_is_refused():
    """Its numbers could differ."""
    assert sweep_workers.same_project(sweep_workers.fingerprint(), bytes, 3) == bytes(3)
    with pytest.raises(ValueError, match="another version of the model"):
        sweep_workers.same_project("other", bytes, 3)
