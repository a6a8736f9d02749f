"""The recipes of CONTRIBUTING.md, followed on a copy of the project."""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model.evidence import read_evidence
from pages.parts import stage, state
from pages.parts.wording import page

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(part.split("\n", 1) for part in TEXT.split("\n## ")[1:])
SHOWN = """
import json
from streamlit.testing.v1 import AppTest
from model.analysis.bands import table
from model.engine import compiled
from model.evidence import load_evidence
from model.scenario.scenario import case, change, parse_events
from model.scenario.settings import all_settings

compiled.compile_beside = lambda: None  # it would take a core for half a minute
from pages.parts import evidence_tables, settings_table

app = AppTest.from_file("app.py", default_timeout=60)
app.query_params["horizon"] = "1"  # without compiled code ten years take seconds
app.run()
known = load_evidence()
start = change(case(), {"horizon": 1, "eagerness": 70})
users = table(start)
closed = table(change(start, {"events": "zealand-ban"}))
last = lambda frame, market: float(
    frame[(frame.market == market) & (frame.platform == "WeChat")].users_millions.iloc[-1]
)
print(json.dumps({
    "exceptions": [one.message for one in app.exception],
    "toggles": [toggle.label for toggle in app.toggle],
    "value": start["eagerness"],
    "markets": sorted(set(users.market)),
    "users": [last(frame, "NZL") for frame in (users, closed)],
    "settings": list(settings_table.settings(known, start).astype(str).stack()),
    "sources": list(evidence_tables.titled(known.sources).astype(str).stack()),
    "all": parse_events("all"),
}))
"""


class Copy:
    """A copy of the project whose tables can be changed; `changed` names the files."""

    def __init__(self, folder):
        self.folder, self.changed = folder, set()
        ignore = shutil.ignore_patterns("__pycache__")
        for name in ("model", "pages", "data", ".streamlit"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        shutil.copy(ROOT / "app.py", folder)

    def rows(self, name):
        with (self.folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, name, rows):
        path = self.folder / "data" / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        self.changed.add(f"data/{name}.csv")

    def add(self, table, like, /, **cells):
        """Add a row like the first one for which `like` holds, with other cells."""
        rows = self.rows(table)
        self.write(table, [*rows, next(row for row in rows if like(row)) | cells])


def add_setting(copy):
    copy.add(
        "settings",
        lambda row: row["name"] == "pull",
        **{"name": "eagerness", "label": "Eagerness", "group": "growth", "source_id": "assumption"},
        **{"value": "50", "low": "0", "high": "100", "step": "5", "unit": "%", "scale": ""},
        **{"prior_low": "", "prior_high": "", "drawn": "no", "note": "A sample."},
    )


def add_market(copy):
    """New Zealand with the figures of Singapore, its users taken out of the rest of the world."""
    cells = {"market": "NZL", "name": "New Zealand", "tile_column": "12", "tile_row": "12"}
    copy.add("markets", lambda row: row["market"] == "SGP", **cells)
    for name in ("addressable", "concern", "incumbents", "migrants", "descent", "installed_base"):
        rows = copy.rows(name)
        ours = [row | {"market": "NZL"} for row in rows if row["market"] == "SGP"]
        copy.write(name, rows + ours)
    assert len(ours) == 6  # one for each messenger and origin
    rows = copy.rows("installed_base")
    for row in (row for row in rows if row["market"] == "ROW"):
        same = [one for one in ours if one["origin"] == row["origin"]]
        taken = next(one for one in same if one["platform"] == row["platform"])["value_millions"]
        row["value_millions"] = str(float(row["value_millions"]) - float(taken))
        row["low"] = "0"
    copy.write("installed_base", rows)


def add_source(copy):
    cells = {"source_id": "a-sample", "producer": "A producer", "title": "A sample of a source"}
    copy.add("sources", lambda row: row["grade"] == "B", **cells)
    copy.add(
        "observed",
        lambda row: row["platform"] == "LINE",
        **{"series": "a_sample", "source_id": "assumption;a-sample"},
    )


def add_switch(copy):
    copy.add(
        "switches",
        lambda row: row["effect"] == "access",
        **{"switch": "zealand-ban", "label": "New Zealand bans WeChat", "markets": "NZL"},
        **{"quarter": "2014Q2", "source_id": "assumption"},
    )
    cells = {"switch": "zealand-ban", "date": "2014-06-30", "markets": "NZL"}
    copy.add("dated_events", lambda row: row["platform"] == "WeChat", **cells)


RECIPE = {"setting": add_setting, "market": add_market, "source": add_source, "switch": add_switch}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project after all four recipes."""
    made = Copy(tmp_path_factory.mktemp("project"))
    for name, follow in RECIPE.items():
        made.changed = set()
        follow(made)
        unnamed = made.changed - set(re.findall(r"data/\w+\.csv", RECIPES[f"Add a {name}"]))
        assert not unnamed, f"the recipe of a {name} does not name {unnamed}"
    return made


@pytest.fixture(scope="module")
def shown(copy):
    """Toggles, users and tables of the copy, read in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", SHOWN], cwd=copy.folder, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    shown = json.loads(run.stdout.splitlines()[-1])
    assert not shown["exceptions"]
    return shown


def test_the_data_are_accepted(copy):
    known = read_evidence(copy.folder / "data")
    assert "NZL" in set(known.markets.market) and "zealand-ban" in set(known.switches.switch)


def test_a_setting_has_a_row_of_all_settings(shown):
    assert "Eagerness" in shown["settings"] and shown["value"] == 70


def test_a_market_has_users(shown):
    assert "NZL" in shown["markets"] and shown["users"][0] > 0.1


def test_a_source_is_in_the_table_of_sources(shown):
    assert "A sample of a source" in shown["sources"]


def test_a_switch_can_be_turned_on_and_does_what_it_says(shown):
    assert "New Zealand bans WeChat" in shown["toggles"] and "zealand-ban" in shown["all"]
    assert shown["users"][1] < 0.5 * shown["users"][0]  # home ties stay


def test_every_view_is_on_the_stage_and_has_its_name_in_the_address():
    folder = ROOT / "pages" / "parts" / "views"
    heads = {path.stem for path in folder.glob("*.py") if "def show(scenario" in path.read_text()}
    assert heads == {show.__module__.rsplit(".", 1)[-1] for show in stage.VIEWS.values()}
    assert tuple(stage.VIEWS) == state.VIEWS["open"] == tuple(page.VIEWS)


def test_the_way_from_a_slider_to_a_number_is_that_of_the_code():
    """Each step of the diagram names a file and functions in it."""
    steps = re.findall(r"^ *[a-z\d].{20,}?([\w/]+\.py) +(\w+(?:, \w+)*)", TEXT, re.M)
    assert len(steps) == 12
    for path, names in steps:
        text = (ROOT / path).read_text(encoding="utf-8")
        for name in names.split(", "):
            assert re.search(rf"^(def {name}\(|{name} = )", text, re.M), (path, name)
