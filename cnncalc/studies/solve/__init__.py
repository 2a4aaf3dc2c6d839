"""What gives what is wanted: paddings, input sizes, changes of a network, tiles."""
