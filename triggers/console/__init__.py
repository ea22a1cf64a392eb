"""The console: pages, live runs and the REST API, in `evac serve`."""
