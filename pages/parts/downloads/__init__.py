"""Downloads: projection, picture, report."""
