"""A sum of maps of unknown sizes: refused where no sizes would do, known where all agree.

Every completion of the unknown sizes is enumerated, by the rule that maps are equal or one of them
is of a single unit.
"""

from __future__ import annotations

from itertools import product

import pytest

import cnncalc

SIZES = (None, 1, 2, 3)
COMPLETIONS = (1, 2, 3, 4)


def merged(one, other):
    """The sizes of a sum of maps of known sizes, None where there is none."""
    if one == other or set(other) == {1}:
        return one
    return other if set(one) == {1} else None


def completed(sizes):
    return product(*(COMPLETIONS if size is None else (size,) for size in sizes))


@pytest.mark.parametrize("one", list(product(SIZES, repeat=2)))
@pytest.mark.parametrize("type_name", ["add", "mul"])
def test_two_maps(one, type_name):
    for other in product(SIZES, repeat=2):
        possible = {merged(a, b) for a in completed(one) for b in completed(other)} - {None}
        network = cnncalc.layer(type_name, (4, *one), (4, *other))
        if not possible:
            with pytest.raises(cnncalc.CnncalcError, match="they must be equal"):
                cnncalc.analyze(network)
            continue
        shape = cnncalc.analyze(network)[type_name].out_shape[1:]
        for axis, size in enumerate(shape):
            assert size is None or {sizes[axis] for sizes in possible} == {size}, (one, other)
        if None not in (*one, *other):
            assert {shape} == possible
