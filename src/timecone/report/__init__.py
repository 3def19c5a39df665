"""One page that says everything a reader of a run needs, to be sent as a single file."""
