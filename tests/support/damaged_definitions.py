"""Definitions with one thing wrong, as trees: keys lost or misspelt, values of another type."""

from __future__ import annotations

import copy

NUMBERS = (-1, 0, 2.5, 10**10)
WRONG_VALUES = (*NUMBERS, True, None, "three", "", [], [1, 2, 3, 4], {"a": 1}, [[1, 2, 3]])
NEW_KEYS = ("kernel", "colour", "", "in_channels", "names", "Stride", "layer")


def places(tree, path=()):
    """Paths to every value below the root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))


def damaged(tree, random):
    """A copy of the tree with one damage."""
    tree = copy.deepcopy(tree)
    path = random.choice([*places(tree)])
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    key, value = path[-1], parent[path[-1]]
    how = random.choice(["lose", "misspell", "change", "change", "add", "swap"])
    if how == "lose":
        del parent[key]
    elif how == "misspell" and isinstance(parent, dict):
        del parent[key]
        at = random.randrange(len(str(key)) + 1)
        parent[str(key)[:at] + random.choice("xyz_") + str(key)[at:]] = value
    elif how == "add":
        target = next((one for one in (value, parent) if isinstance(one, dict)), None)
        if target is not None:
            target[random.choice(NEW_KEYS)] = random.choice(WRONG_VALUES)
    elif how == "swap":
        parent[key] = copy.deepcopy(random.choice((*NUMBERS, "relu", "$x", [value])))
    else:
        parent[key] = copy.deepcopy(random.choice(WRONG_VALUES))
    return tree
