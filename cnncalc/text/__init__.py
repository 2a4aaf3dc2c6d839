"""Renderers turn a report into text: one module per output, no analysis."""
