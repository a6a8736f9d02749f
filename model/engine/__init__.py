"""From a scenario to users: the solver and its one door, `project`."""
