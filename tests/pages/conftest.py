"""A page as a phone opens it."""

import pytest
from streamlit.runtime.context import ContextProxy


@pytest.fixture
def on_phone(monkeypatch):
    """Pages that are opened take the browser for that of a phone."""
    headers = property(lambda self: {"User-Agent": "Mobile"})
    monkeypatch.setattr(ContextProxy, "headers", headers)
