"""What an analysis found, frozen: layers, totals, columns."""
