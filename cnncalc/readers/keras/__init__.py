"""Keras architectures: JSON, and archives that hold it."""
