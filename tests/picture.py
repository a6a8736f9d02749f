"""Draw the pictures of the README anew: the first screen, light and dark."""

from tests.browser.driver import WATCH, settle, start_browser
from tests.server import ROOT, start_server

if __name__ == "__main__":
    with start_server(ROOT / "app.py") as server, start_browser() as browser:
        for scheme, name in (("light", "page.png"), ("dark", "page-dark.png")):
            size = {"width": 1366, "height": 768}
            page = browser.new_page(viewport=size, color_scheme=scheme)
            page.add_init_script(WATCH)
            page.goto(server.url)
            settle(page, quiet=1000)
            page.screenshot(path=ROOT / ".streamlit" / name)
