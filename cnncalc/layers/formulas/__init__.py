"""The formulas as people write them, with the numbers put in; `arithmetic` computes them."""
