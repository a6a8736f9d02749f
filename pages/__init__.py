"""The reading pages, and in `parts` what all pages are drawn from."""
