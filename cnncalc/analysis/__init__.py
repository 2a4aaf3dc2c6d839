"""Network -> Report: one pass over the layers."""
