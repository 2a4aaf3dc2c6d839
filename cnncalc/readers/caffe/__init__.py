"""Caffe prototxts, of both generations."""
