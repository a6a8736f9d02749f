"""The reruns of the page on Streamlit's own metrics endpoint, /_stcore/metrics."""

from collections.abc import Mapping, Sequence

from streamlit.runtime import Runtime
from streamlit.runtime.stats import HistogramStat

from pages.parts import reruns

FAMILY = "page_rerun_seconds"


class RerunStats:
    """Gives the histogram of reruns to the endpoint."""

    stats_families = (FAMILY,)

    def get_stats(
        self, family_names: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[HistogramStat]]:
        """The histogram, by its name; nothing where other families are asked for."""
        if family_names is not None and FAMILY not in family_names:
            return {}
        buckets, seconds = reruns.histogram()
        found = HistogramStat(
            family_name=FAMILY,
            buckets=tuple(buckets),
            observation_sum=seconds,
            observation_count=buckets[-1][1],
            unit="seconds",
            help="Time to work out and send the results, waiting for other sessions included.",
        )
        return {FAMILY: [found]}


def register() -> None:
    """Tell the running server of the histogram."""
    Runtime.instance().stats_mgr.register_provider(RerunStats())
