"""The words of `make audit`: of faults, of none, and where no database answers."""

import json
import sys

from tests.audit import NO_DATABASE, main, report

FAULT = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}
SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}


def told(*packages):
    return report(json.dumps({"dependencies": packages, "fixes": []}))


def test_a_fault_is_named_and_fails():
    text, is_bad = told(SOUND, {"name": "jinja2", "version": "1.0", "vulns": [FAULT]})
    assert is_bad and text.startswith("jinja2 1.0: PYSEC-2026-1, mended in 2.0\n")
    assert "2 packages were checked, 1 faults are known." in text


def test_no_fault_passes_and_says_what_no_database_knows():
    text, is_bad = told(SOUND, {"name": "ours", "skip_reason": "not found"})
    assert not is_bad and "Not in the database: ours." in text


def test_without_a_database_nothing_was_checked():
    for text in ("", "no JSON", "{}", json.dumps({"dependencies": [{"name": "x"}]})):
        assert report(text) == (NO_DATABASE, False)


def test_a_tool_that_cannot_run_says_the_same(capsys, tmp_path):
    assert main([str(tmp_path / "none")]) == 0
    assert main([sys.executable, "-c", "import sys; sys.exit('no route to host')"]) == 0
    assert capsys.readouterr().out == f"{NO_DATABASE}\n" * 2
