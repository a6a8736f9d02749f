"""The charts against the schema of Vega-Lite, which the page itself does not take the time for."""

import importlib
import inspect
import pkgutil

import altair as alt
import pytest

from pages.parts import charts


def all_charts():
    """Every chart of `pages/parts/charts`: the functions there that give one and need nothing."""
    for part in pkgutil.iter_modules(charts.__path__):
        module = importlib.import_module(f"{charts.__name__}.{part.name}")
        for name, make in inspect.getmembers(module, inspect.isfunction):
            own = make.__module__ == module.__name__ and not name.startswith("_")
            signature = inspect.signature(make)
            kind = signature.return_annotation
            needed = [one for one in signature.parameters.values() if one.default is one.empty]
            is_chart = inspect.isclass(kind) and issubclass(kind, alt.TopLevelMixin)
            if own and is_chart and not needed:
                yield make


CHARTS = list(all_charts())


@pytest.mark.parametrize("make", CHARTS, ids=lambda make: make.__name__)
def test_a_chart_is_valid_and_the_same_unchecked(make):
    assert make().to_dict(validate=True) == make().to_dict(validate=False)


def test_every_chart_of_the_page_is_found():
    names = {make.__name__ for make in CHARTS}
    assert {"adoption_fan", "contours", "lever_bars", "doubts_bar", "tile_map", "panel"} <= names
    assert len(names) == 11
