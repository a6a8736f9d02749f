"""The sentences of the story, but those of its steps, which stand in data/."""

OFFER = (
    "The article's argument in {count} steps. Each sets the sliders and says what to look at; "
    "stop at any step, and the settings stay."
)
RUNNING = "The story is running above the answer. Other questions can be opened meanwhile."
STEP = "**Step {now} of {count}: {title}**  \n{text}  \n*{look}*"
GUESS = (
    "Hides the answer until you have guessed how many users WeChat will have. The guess becomes "
    "part of the address, so that a class can compare."
)
