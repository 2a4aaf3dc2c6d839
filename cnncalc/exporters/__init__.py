"""A network as code or a model for another tool."""
