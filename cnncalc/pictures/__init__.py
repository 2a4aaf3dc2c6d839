"""Networks as pictures: pages, drawings, plots."""
