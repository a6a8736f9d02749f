"""Own figures in a real browser: a file is taken each time, and its figures can be removed."""

from playwright.sync_api import expect

from tests.browser.test_page import choose

FILES = 8  # a page that ran anew from the callback lost one by the 5th, or by the 11th


def test_own_figures_are_replaced_again_and_again_and_can_be_removed(open_page):
    page = open_page("/?open=compare")
    opener = page.get_by_role("button", name="Your own figures")
    box, error = page.locator("input[type=file]"), page.locator("[data-testid=stAlert]")
    score = page.get_by_text("figures lie inside the range")

    def upload(name, text):
        box.set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})

    opener.click()
    for i in range(1, FILES + 1):
        upload(f"file{i}.csv", "date,users\n" + "".join(f"{2015 + k},40\n" for k in range(i)))
        expect(score).to_contain_text(f"file{i}.csv: ")
        expect(score).to_contain_text(f"of {i} figures")
        expect(box).to_have_count(1)  # the box of this file goes last
    upload("bad.csv", "date,users\n2016,48,5\n")
    expect(error).to_contain_text("bad.csv was not used: row 2")
    expect(score).to_contain_text(f"file{FILES}.csv: ")
    page.keyboard.press("Escape")
    choose(page, "Where")
    choose(page, "Compare")
    opener.click()
    expect(score).to_contain_text(f"file{FILES}.csv: ")
    expect(error).to_have_count(0)
    page.get_by_role("button", name="Remove the figures").click()
    expect(score).to_have_count(0)
    upload("last.csv", "date,users\n2016,48\n")
    expect(score).to_contain_text("last.csv: ")
