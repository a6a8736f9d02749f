"""The article's argument in steps, each a scenario and the view to look at (data/story.csv)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from model.evidence import DataError, load_evidence
from model.scenario.scenario import Scenario, case, change
from model.scenario.settings import SettingError

FIRST_VIEW = "over"  # the one that a link without a view opens


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    text : with gaps in braces, for `pages.parts.wording.story.story_text`
    view : the view to open once the sliders are set to `scenario`
    before : the scenario that the step is compared with; None for the first
    """

    title: str
    text: str
    view: str
    scenario: Scenario
    before: Scenario | None


@lru_cache(maxsize=1)
def story_steps() -> tuple[Step, ...]:
    """The steps in their order; raises DataError naming a row that cannot be used."""
    steps = []
    for row in load_evidence().story.itertuples():
        pairs = [text.partition("=") for text in row.changes.split(";") if text]
        try:
            scenario = change(case(row.case), {name: value for name, _, value in pairs})
            before = case(row.against) if row.against else None
        except SettingError as error:
            raise DataError(f"data/story.csv, row {row.Index}: {error}") from None
        steps.append(Step(row.title, row.text, row.view, scenario=scenario, before=before))
    return tuple(steps)


def step_alone(
    scenario: Scenario, views: Mapping[str, str | None], *, names_case: bool
) -> Step | None:
    """The step that a link names, if it names nothing that the step would set; else None.

    The page writes the rest into its address where a reader has changed it: a reload keeps it. A
    link that names the default case means it, so `names_case` is true: then there is none either.
    """
    others = views["open"] != FIRST_VIEW or views["at"] or views["market"]
    if names_case or others or scenario != case():
        return None
    number = int(views["step"] or 0)
    return story_steps()[min(number, len(story_steps())) - 1] if number else None
