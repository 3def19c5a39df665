"""Tables of a run: numbers rounded by their error, and their layout for terminals, pages and files."""
