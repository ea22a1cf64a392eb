"""WHERE: settings, the connection to Temporal, the embedded server. The only place that knows every class."""
