"""The words of `make audit`: of faults, of none, and where no database answers."""

import json
import sys

import pytest

from tests.audit import NO_DATABASE, main, report

FAULT = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"], "aliases": [], "description": ""}
SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}


OTHER = {"name": "ours", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("package", "is_bad", "said"),
    [
        ({"name": "jinja2", "version": "1.0", "vulns": [FAULT]}, True,
         "jinja2 1.0: PYSEC-2026-1, mended in 2.0\n2 packages were checked, 1 faults are known."),
        (OTHER, False, "1 packages were checked, 0 faults are known.\nNot in the database: ours."),
    ],
)  # fmt: skip
def test_what_was_found_is_named_and_a_fault_fails(package, is_bad, said):
    assert report(json.dumps({"dependencies": [SOUND, package], "fixes": []})) == (said, is_bad)


def test_where_no_database_answers_nothing_was_checked(capsys, tmp_path):
    for text in ("", "{}", json.dumps({"dependencies": [{"name": "x"}]})):
        assert report(text) == (NO_DATABASE, False)
    assert main([str(tmp_path / "none")]) == 0
    assert main([sys.executable, "-c", "import sys; sys.exit('no route to host')"]) == 0
    assert capsys.readouterr().out == f"{NO_DATABASE}\n" * 2
