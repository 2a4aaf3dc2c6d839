"""Definition -> Network: names resolved, blocks expanded, a graph in order."""
