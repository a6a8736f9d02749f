"""Compiled code is used when it is whole; without it the definition gives the same numbers."""

import shutil

import numpy as np
import pytest

from model.cli.parser import main
from model.engine import compiled
from model.engine.projection import project
from model.scenario.scenario import case, change

SHORT = change(case(), {"horizon": 2, "events": "all"})


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A copy of the compiled code in a folder of its own, not loaded yet."""
    if compiled.kernel() is None:
        pytest.skip("nothing is compiled: python -m model compile")
    place = tmp_path / compiled.folder().name
    shutil.copytree(compiled.folder(), place)
    monkeypatch.setenv(compiled.FOLDER, str(tmp_path))
    monkeypatch.setattr(compiled, "_module", [])
    compiled.folder.cache_clear()
    yield place
    compiled.folder.cache_clear()


@pytest.mark.parametrize("damage", ["cut", "changed", "no code", "no list"])
def test_without_whole_code_the_definition_answers(cache, damage):
    """The same users, in all digits but the last."""
    assert compiled.folder() == cache and compiled.kernel() is not None
    expected = project(SHORT, {"wechat": np.array([100.0, 172.0])}).users
    compiled._module.clear()
    code = max(cache.rglob("*.nbc"), key=lambda file: file.stat().st_size)
    data = code.read_bytes()
    if damage.startswith("no "):
        (code if damage == "no code" else cache / compiled.DONE).unlink()
    else:
        code.write_bytes(data[:-1] + (b"" if damage == "cut" else bytes([data[-1] ^ 1])))
    assert compiled.kernel() is None
    users = project(SHORT, {"wechat": np.array([100.0, 172.0])}).users
    np.testing.assert_allclose(users, expected, rtol=1e-11)


@pytest.mark.slow
def test_both_ways_write_the_same_bytes(cache, monkeypatch, capsys):
    """Every row: six digits, whoever computed them."""
    texts = []
    for kernel in (compiled.kernel(), None):
        monkeypatch.setattr(compiled, "kernel", lambda kernel=kernel: kernel)
        for words in ([], ["--format", "json"]):
            assert main(["project", *words]) == 0
        texts.append(capsys.readouterr().out)
    assert len(texts[0]) > 100_000 and texts[0] == texts[1]


def test_a_folder_that_cannot_be_made_is_replaced_by_a_temporary_one(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(compiled.FOLDER, str(tmp_path / "file"))
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    compiled.folder.cache_clear()
    try:
        assert compiled.folder().parent.parent == tmp_path / "temporary"
    finally:
        compiled.folder.cache_clear()


def test_without_numba_or_a_folder_the_log_says_so_once(monkeypatch, caplog):
    def missing(name):
        raise compiled.PackageNotFoundError(name)

    monkeypatch.setattr(compiled, "_module", [])
    for name, value in (("version", missing), ("_writable", lambda place: False)):
        compiled.folder.cache_clear()
        caplog.clear()
        with monkeypatch.context() as patch:
            patch.setattr(compiled, name, value)
            assert compiled.kernel() is None and compiled.kernel() is None
            assert len(caplog.records) == 1 and "answers take longer" in caplog.text
    compiled.folder.cache_clear()


def test_one_process_compiles_beside_and_is_kept_while_it_runs(tmp_path, monkeypatch):
    """A process that nobody holds is a resource left open; a second would do the same work."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model/__main__.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(compiled, "ROOT", tmp_path)
    monkeypatch.setenv(compiled.FOLDER, str(tmp_path / "compiled"))
    for function in (compiled.folder, compiled.compile_beside):
        function.cache_clear()
    process = compiled.compile_beside()
    try:
        assert process.poll() is None and compiled.compile_beside() is process
    finally:
        process.kill()
        process.wait()
        for function in (compiled.folder, compiled.compile_beside):
            function.cache_clear()
