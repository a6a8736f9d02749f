"""A note that several questions share."""

FEW_RUNS = (
    "Worked out from 16 of the 64 runs, scaled to the line shown: usually within a tenth of what "
    "the sliders then give."
)
