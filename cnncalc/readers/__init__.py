"""Readers turn a file into a Definition: one module per format, no arithmetic."""
