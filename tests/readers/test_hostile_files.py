"""Files that are small and would cost much are answered or refused in bounds; nothing is timed."""

from __future__ import annotations

import pytest
from hostile_files import FILES

import cnncalc
from cnncalc.loading import read_content
from cnncalc.network.build import build


@pytest.mark.parametrize("name", FILES)
def test_they_are_answered_or_refused(name):
    reader, content, told = FILES[name]
    if reader == "onnx":
        pytest.importorskip("onnx")
    if told is None:
        assert len(build(read_content(content(), "<file>", reader)).nodes) > 0
        return
    with pytest.raises(cnncalc.CnncalcError, match=told) as refused:
        cnncalc.analyze(build(read_content(content(), "<file>", reader)))
    assert str(refused.value).startswith("<file>:") and "\n" not in str(refused.value)
    assert len(str(refused.value)) < 1000


def test_a_list_of_the_longest_is_read():
    text = "input: [3, 8, 8]\nlayers:\n" + "  - relu\n" * 200_000
    assert len(cnncalc.loads(text).nodes) == 200_000


class TestConstants:
    """Numbers of ONNX are exact as far as their type holds them."""

    def shape_of(self, number, count, operator="Mul", dtype="int64"):
        """What a view has that is reshaped to the product, whose last factors take it back."""
        import numpy
        from onnx_models import model, node, report, tensor

        numbers = [tensor("c0", [1], numpy.array([number], dtype=dtype))]
        nodes = [node(operator, f"c{n} c{n}", f"c{n + 1}") for n in range(count)]
        last = number ** (2**count)
        numbers.append(tensor("last", [1], numpy.array([last // 3], dtype=dtype)))
        numbers.append(tensor("batch", [1], numpy.array([1])))
        nodes += [
            node("Div", f"c{count} last", "three"),
            node("Cast", "three", "whole", to=7),
            node("Concat", "batch whole batch", "shape", axis=0),
            node("Reshape", "x shape", "view"),
            node("Relu", "view"),
        ]
        return report(model(nodes, [1, 3, 1, 1], numbers))

    @pytest.mark.parametrize(("number", "count"), [(3, 5), (3, 1), (6, 4)])
    def test_products_that_fit(self, number, count):
        """3^32 < 2^63, and divided by a third of itself it is 3."""
        pytest.importorskip("onnx")
        assert self.shape_of(number, count).layers[-1].out_shape[0] == 3
