"""Files written whole: one program at a time, and no half file under the final name."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from model.calibration import calibrate
from model.whole_file import InUseError, open_whole, unfinished

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from model.whole_file import open_whole
with open_whole(Path(sys.argv[1])) as file:
    file.write(b"first")
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another program that writes out.csv until its input ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "out.csv")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as running:
        assert running.stdout.readline() == "locked\n"
        yield running
        running.kill()


def write(path, data=b"second", **options):
    with open_whole(path, **options) as file:
        file.write(data)


def test_one_program_writes_at_a_time(tmp_path, holder):
    """The second one is refused and changes nothing; it may write once the first is done."""
    out = tmp_path / "out.csv"
    with pytest.raises(InUseError):
        write(out)
    assert not out.exists()
    holder.communicate("", timeout=60)
    assert out.read_bytes() == b"first" and not unfinished(out).exists()
    write(out)
    assert out.read_bytes() == b"second"


def test_a_killed_program_leaves_no_lock(tmp_path, holder):
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")
    holder.kill()
    holder.wait()
    assert out.read_bytes() == b"old"
    write(out)
    assert out.read_bytes() == b"second" and list(tmp_path.iterdir()) == [out]


def test_a_file_renamed_by_the_program_before_is_not_emptied(tmp_path, monkeypatch):
    """The unfinished file that was opened became the final one before it could be locked."""
    from model import whole_file

    out, locks = tmp_path / "out.csv", []
    unfinished(out).write_bytes(b"first")

    def lock(file):
        if not locks:
            unfinished(out).replace(out)
        locks.append(file)

    monkeypatch.setattr(whole_file, "_lock", lock)
    with pytest.raises(FileExistsError):
        write(out, new=True)
    assert out.read_bytes() == b"first" and len(locks) == 2


def test_an_error_leaves_the_old_file(tmp_path):
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), open_whole(out) as file:
        file.write(b"half")
        1 / 0  # noqa: B018
    assert out.read_bytes() == b"old"
    with pytest.raises(FileExistsError):
        write(out, new=True)
    assert out.read_bytes() == b"old"


def test_tables_are_written_whole(tmp_path):
    table = pd.DataFrame({"name": ["한국", "b"], "value": [1 / 3, 2]})
    calibrate.write(table, tmp_path / "table.csv")
    text = (tmp_path / "table.csv").read_bytes().decode()
    assert text == "name,value\n한국,0.333333\nb,2\n"
    assert len(list(tmp_path.iterdir())) == 1
