"""The views of the stage: one question each, its sentence and its picture."""
