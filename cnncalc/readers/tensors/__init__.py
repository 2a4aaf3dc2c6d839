"""Tensors as a traced graph moves and reshapes them, told apart from the maps that layers read.

What the readers of PyTorch and ONNX share.
"""
