import pytest, subprocess
from tests.browser.conftest import settle, start_server, free_port, outside_requests, WATCH, BROWSER
import tests.browser.conftest as c, sys
from pathlib import Path
FAST = Path("/tmp/fast/app.py")

def test_same_module(request):
    plugins = [p for p in request.config.pluginmanager.get_plugins() if getattr(p, "__file__", "") and p.__file__.endswith("browser/conftest.py")]
    assert plugins == [c]

def test_restart(browser):
    port = free_port()
    context = browser.new_context(); context.add_init_script(WATCH); seen = outside_requests(context)
    page = context.new_page()
    with start_server(port, FAST) as s:
        page.goto(s.url); settle(page)
        print(page.accessibility.snapshot() if hasattr(page,"accessibility") else "")
        print(page.locator("body").aria_snapshot())
        v = lambda: page.locator("[data-testid=stMetricValue]").inner_text()
        a = v(); page.get_by_role("slider", name="WeChat growth").focus(); page.keyboard.press("ArrowLeft"); settle(page); b = v(); assert a != b
        page.evaluate("fetch('http://example.invalid/x').catch(()=>0)"); page.wait_for_timeout(100)
        assert seen == ["http://example.invalid/x"]
    page.wait_for_timeout(500)
    print(page.locator("[data-testid=stApp]").get_attribute("data-test-connection-state"))
    with start_server(port, FAST) as s:
        settle(page); assert v() == b
    with pytest.raises(RuntimeError) as e, start_server(app=Path("/tmp/nope.py")): pass
    print(e.value)
    context.close()
