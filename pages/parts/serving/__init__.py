"""Headers, previews and API of a server that shows the page to many."""
