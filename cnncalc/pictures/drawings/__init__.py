"""Drawings as SVG: of one layer's arithmetic, of a unit's field on the input."""
