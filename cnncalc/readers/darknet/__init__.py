"""Darknet cfgs."""
