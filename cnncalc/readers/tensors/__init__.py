"""What formats of traced tensors share: calls, layers in the making, and the operators' handlers.

A format translates every node into a `Call`, arguments by the names that the handlers here use, and
maps its operators' names to the handlers.
"""
