"""Titles and notes: shown letter for letter, whatever a person types, and nothing to click."""

import random
import re

import pytest
from markdown_it import MarkdownIt

from model.scenario.links import clean_title
from pages.parts.wording.from_links import from_link, plain
from tests.pages.screen import open_page

SCRIPTS = ["abcXYZ", "éüßñç", "абвгд", "αβγδε", "हिन्दीकृपया", "ภาษาไทย", "中文标题", "日本語カナ"]
SCRIPTS += ["한국어", "עבריתالعربية"]
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’–—…«»。、！？：·•™©🙂👩\u200d👧 0123"
LIVELY = [
    *("http://x.org", "https://a.b/c?d=1", "HTTP://Q.R", "www.x.y", "me@x.org", "mailto:a@b.cc"),
    *(":smile:", ":material/home:", ":red[a]", ":small[x]", "$x$", "$$y$$", "**b**", "_i_", "`c`"),
    *("[l](http://x.y)", "![i](x)", "<b>", "&amp;", "~~s~~", "1.", "#", "[^1]", " -> ", " -- "),
]
# what Streamlit makes of a text once the escapes are gone: links, pictures, arrows, dashes
FOUND = re.compile(
    r"https?://|www\.|[-.\w+]@[-\w]|:[\w+-]+:|:material/\w+:|<->|->|<-|--|>=|<=|~=", re.I
)


def some_title(rng, script):
    kinds = rng.choices([script, SIGNS, LIVELY], k=rng.randint(3, 21))
    return clean_title(" ".join("".join(map(rng.choice, kinds)).split()))


def shown(markdown):
    """The text that a Markdown parser shows, and the kinds of its parts."""
    (paragraph, inline, _) = MarkdownIt("commonmark").enable("strikethrough").parse(markdown)
    assert paragraph.type == "paragraph_open"
    return "".join(part.content for part in inline.children), {p.type for p in inline.children}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_title_is_shown_letter_for_letter(script):
    """Twenty random ones; an empty `:small[]` stands where Streamlit would find an address."""
    rng = random.Random(script)
    for _ in range(20):
        title = some_title(rng, script) or "x"
        text, kinds = shown(f"**{plain(title)}**")
        assert text.replace(":small[]", "") == title.replace(":small[]", "")
        assert kinds <= {"strong_open", "strong_close", "text", "text_special"}
        # a typed one has its bracket escaped
        parts = re.sub(r"\\(.)", r"\1", plain(title)).split(":small[]")
        assert not [part for part in parts if FOUND.search(part)]


def test_signs_of_no_markup_are_not_escaped():
    title = "“कृपया” – हाँ… 中文。 ไทย ✓ it's 5"
    assert plain(title) == title.replace("'", "\\'")


def test_a_title_of_the_address_is_shown():
    app = open_page(title="See www.x.org: “नमस्ते” – me@x.org")
    (title,) = [one.value for one in app.markdown if "नमस्ते" in one.value]
    assert r"**See www:small[]\.x\.org\: “नमस्ते” – me:small[]\@x\.org**" in title


def test_a_note_ends_with_one_mark():
    assert shown(from_link("did you mean concern?"))[0] == "From the link: did you mean concern?"
    assert shown(from_link("it is left out"))[0] == "From the link: it is left out."
