"""The two reading pages in a real browser: tabs, keys, contrast, headings, phone, axe-core."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import settle

TABS = {
    "/evidence": (
        *("Observed", "Starting users", "Settings", "Markets"),
        *("Fit and record", "Events", "Sources"),
    ),
    "/method": (
        *("In plain words", "What it cannot tell you", "Equations"),
        *("Fit and record", "Glossary", "Changes"),
    ),
}
SIZES = {"phone": (360, 800), "desk": (1400, 900)}
# Streamlit draws these itself and gives no means to change them: rule, part of the selector, reason
STREAMLITS_OWN = ()


def of_streamlit(rule, node):
    found = str(node["target"]) + node["html"]
    return any(rule["id"] == own and part in found for own, part, _ in STREAMLITS_OWN)


def violations(page):
    found = Axe().run(page)
    return [
        (rule["impact"], rule["id"], node["target"], node["html"][:160])
        for rule in found.response["violations"]
        for node in rule["nodes"]
        if rule["impact"] != "minor" and not of_streamlit(rule, node)
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", TABS)
def test_nothing_that_axe_calls_serious_or_moderate(open_page, path, dark, size):
    width, height = SIZES[size]
    page = open_page(path, dark=dark, viewport={"width": width, "height": height})
    for name in TABS[path]:
        page.get_by_role("tab", name=name, exact=True).click()
        settle(page)
        page.wait_for_timeout(300)
        assert not violations(page), name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
