"""The projection by address: /api/project.csv?case=hard-line&wechat=160, and the same as .json.

Under a server's base path, if it has one. The words are those of the page's address, the rows those
of `python -m model project --link`. Where too many wait already, the answer is 503. What an older
address sets that is no setting now is named in the header x-note, percent-encoded where it is not
plain.
"""

from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from model.analysis.bands import table
from model.cli.commands import table_text
from model.evidence import DataError
from model.number_text import ended
from model.scenario.links import link_view
from model.scenario.scenario import Scenario
from model.scenario.settings import SettingError
from pages.parts import cached, turns
from pages.parts.serving.budgets import AT_A_TIME, RETRY_AT_A_TIME

MEDIA_TYPES = {"csv": "text/csv", "json": "application/json"}


@cached.computed_once(16)  # 230 kB each
def projection(scenario: Scenario, form: str) -> str:
    """The rows of a scenario as CSV or JSON."""
    return table_text(table(scenario), form)


async def project(request: Request) -> Response:
    """The projection of an address; else one sentence: 400 for its words, 500 for the data."""
    form = request.path_params["form"]
    if form not in MEDIA_TYPES:
        return PlainTextResponse(f"{form[:40]!r} is not one of {', '.join(MEDIA_TYPES)}.\n", 404)
    state = request.app.state  # a thread for each: they wait for their turn there
    limiter = state.api_limiter = getattr(state, "api_limiter", None) or CapacityLimiter(
        AT_A_TIME["api"]["server"]
    )
    try:
        view = link_view("?" + request.url.query)
        text = await to_thread.run_sync(projection, view.scenario, form, limiter=limiter)
    except turns.Refused as error:
        wait = {"retry-after": f"{RETRY_AT_A_TIME:.0f}"}
        return PlainTextResponse(f"{error}\n", 503, headers=wait)
    except turns.Left:
        return Response(status_code=503)  # nobody reads it
    except SettingError as error:
        return PlainTextResponse(ended(str(error)) + "\n", 400)
    except DataError as error:
        return PlainTextResponse(ended(str(error)) + "\n", 500)
    headers = {"access-control-allow-origin": "*"}
    if view.gone:  # of an older link; the rows stay those of the command line
        headers["access-control-expose-headers"] = "x-note"
        headers["x-note"] = quote(view.gone, safe=" ,;:.=()'\"%$")
    return Response(text, media_type=MEDIA_TYPES[form], headers=headers)


def routes(root: str) -> list[Route]:
    """The routes of the API; `root` is the path of the page, with a slash at its end."""
    return [Route(f"{root}api/project.{{form}}", project)]
