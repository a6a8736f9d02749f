"""The sentences of what made the difference from the pinned scenario."""

from model.analysis.attribution import Explanation, label
from model.number_text import about


def made_by(explanation: Explanation) -> str:
    """The largest share in words, with two significant digits."""
    if not explanation.contributions:
        return "No setting differs between the two."
    most = max(explanation.contributions, key=lambda one: abs(one.users))
    if not abs(most.users) >= 0.05:
        return "No changed setting moves WeChat's users by as much as 0.05 million."
    word = "more" if most.users > 0 else "fewer"
    whole = explanation.after - explanation.before
    direction = "more" if whole > 0 else "fewer"
    if len(explanation.contributions) == 1:
        return f"{label(most.setting)} made all of it: {about(abs(whole))} {direction}."
    return (
        f"{label(most.setting)} made the largest part: {about(abs(most.users))} {word}. All "
        f"{len(explanation.contributions)} changes together: {about(abs(whole))} {direction}."
    )
