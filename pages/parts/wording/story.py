"""The sentences of the story, but those of its steps, which stand in data/."""

READ = "Read it in {count} steps"
GUESS_FIRST = "Guess first"
NO_GUESS = "Remove the guess"
STEP = "**Step {now} of {count}: {title}**  \n{text}  \n*{look}*"
GUESS = (
    "Hides the answer until you have guessed how many users WeChat will have. The guess becomes "
    "part of the address, so that a class can compare."
)
