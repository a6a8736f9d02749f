"""Parts that the pages are drawn from: controls, charts, headline, links, cached results."""
