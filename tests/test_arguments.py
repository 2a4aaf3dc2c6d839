"""Every public function with arguments of every wrong type: it works, or says what is wrong."""

from __future__ import annotations

import importlib.util
import inspect
import pathlib
import warnings
from collections import UserString
from decimal import Decimal
from fractions import Fraction

import pytest

import cnncalc
from cnncalc import CnncalcError

TEXT = """\
name: net
input: [3, 12, 12]
args: {width: 4}
layers:
  - {name: conv1, type: conv, out_channels: $width, kernel_size: 3, padding: 1}
  - {name: conv2, type: conv, out_channels: 4, kernel_size: 3, padding: 1}
  - {name: pool1, type: max_pool, kernel_size: 2}
"""
NETWORK = cnncalc.loads(TEXT)


class Hostile:
    """An object that raises whatever is asked of it."""

    def __str__(self):
        raise RuntimeError("no text")

    def __iter__(self):
        raise TypeError("no items")

    def tolist(self):
        raise RuntimeError("no list")


def nasty():
    """Values of every kind, by what they are called: made anew, since generators are used up."""
    circle: list[object] = []
    circle.append(circle)
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    values = {
        "None": None,
        "float": 3.5,
        "whole float": 3.0,
        "nan": float("nan"),
        "infinity": float("inf"),
        "negative": -1,
        "zero": 0,
        "one": 1,
        "True": True,
        "False": False,
        "huge": 10**400,
        "huger": 10**5000,
        "negative huge": -(10**5000),
        "complex": 1j,
        "Decimal": Decimal("2.5"),
        "Fraction": Fraction(5, 2),
        "empty text": "",
        "text": "x",
        "number's text": "3",
        "nul": "a\0b",
        "surrogate": "\udc80",
        "long text": "9x" * 3000,
        "UserString": UserString("x"),
        "bytes": b"",
        "bytearray": bytearray(b"ab"),
        "object": object(),
        "class": int,
        "function": len,
        "list": [],
        "numbers": [1, 2],
        "many numbers": [1] * 10,
        "mixed": [1, None, "x", 2.5],
        "nested": [[1, 2], [3, [4]]],
        "circle": circle,
        "deep": deep,
        "tuple": (),
        "dict": {},
        "mapping": {"a": 1},
        "set": set(),
        "numbers' set": {1, 2},
        "range": range(2),
        "generator": (each for each in (1, 2)),
        "path": pathlib.Path("nowhere"),
        "folder": pathlib.Path("/"),
        "report": cnncalc.analyze(NETWORK),
        "layer": cnncalc.analyze(NETWORK)[0],
        "network": NETWORK,
        "hostile": Hostile(),
    }
    try:
        import numpy
    except ImportError:
        return values
    kinds = {"int8": 3, "uint64": 2**63, "float32": 2.5, "bool_": True, "str_": "x"}
    values |= {f"numpy {kind}": getattr(numpy, kind)(value) for kind, value in kinds.items()}
    arrays = ([], [1, 2], [[1, 2], [3, 4]], [True], ["a"], [1.5, 2.0], 3)
    return values | {f"numpy array {given}": numpy.array(given) for given in arrays}


MODULE = None
if importlib.util.find_spec("torch"):
    import torch

    MODULE = torch.nn.ReLU()

# The least that each function is called with.
CALLS = {
    "analyze": {"network": NETWORK},
    "check": {"network": NETWORK, "max_params": "1M"},
    "compare": {"asked": NETWORK},
    "diff": {"old": NETWORK, "new": NETWORK},
    "draw": {"type_name": "conv", "inputs": "5x5", "kernel_size": 3},
    "draw_cone": {"network": NETWORK, "layer": "conv2"},
    "draw_field": {"network": NETWORK, "layer": "conv2"},
    "erf": {"network": NETWORK},
    "explain": {"network": NETWORK},
    "field_changes": {"network": NETWORK},
    "from_keras": {"model": None},
    "from_spec": {"text": "3,1"},
    "from_torch": {"module": MODULE, "input_shape": (3, 8, 8)},
    "input_sizes": {"network": NETWORK, "between": (4, 9)},
    "layer": {"type_name": "conv", "inputs": (3, 8, 8), "kernel_size": 3},
    "lint": {"network": NETWORK},
    "load": {"name_or_path": "lenet5"},
    "memory": {"network": NETWORK},
    "loads": {"text": TEXT},
    "page": {"network": NETWORK},
    "paddings": {"size": 8, "kernel_size": 3, "output": 8},
    "tiling": {"network": NETWORK, "tile": 8},
    "unit_box": {"network": NETWORK, "layer": "conv1", "unit": 1},
    "units_reading": {"network": NETWORK, "layer": "conv1", "pixel": 1},
}
# What a keyword of any name may be.
MORE = {
    "check": ("max_params", "max_macs", "min_rf", "rf_of", "no_budget"),
    "load": ("width", "nothing"),
    "loads": ("width", "nothing"),
    "draw": ("kernel_size", "stride", "padding", "bias", "nothing"),
    "layer": ("kernel_size", "stride", "padding", "out_channels", "groups", "bias", "nothing"),
}


def cases():
    for name, least in CALLS.items():
        parameters = inspect.signature(getattr(cnncalc, name)).parameters.values()
        for parameter in parameters:
            if parameter.kind is not parameter.VAR_KEYWORD:
                yield name, parameter.name
        yield from ((name, more) for more in MORE.get(name, ()))
        assert {p.name for p in parameters} >= least.keys() - set(MORE.get(name, ()))


def call(name, arguments):
    """Call a function by name, parameters that take several as one of them."""
    function = getattr(cnncalc, name)
    parameters = inspect.signature(function).parameters
    before, named = [], dict(arguments)
    if any(each.kind is each.VAR_POSITIONAL for each in parameters.values()):
        for each in parameters.values():
            if each.kind in (each.POSITIONAL_OR_KEYWORD, each.VAR_POSITIONAL):
                before.append(named.pop(each.name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*before, **named)


def test_every_public_function_is_called():
    public = {name for name in cnncalc.__all__ if inspect.isfunction(getattr(cnncalc, name))}
    assert public == CALLS.keys()


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"from_torch", "from_keras"}))
def test_the_least_call_works(name):
    assert call(name, CALLS[name]) is not None


@pytest.mark.parametrize(("name", "parameter"), cases())
def test_whatever_is_given(name, parameter):
    for kind, value in nasty().items():
        try:
            result = call(name, {**CALLS[name], parameter: value})
            # What was accepted is good for everything that is done with it.
            repr(result)
            getattr(result, "_repr_html_", str)()
            getattr(result, "to_dict", str)()
        except CnncalcError as error:
            assert "\n" not in str(error) and len(str(error)) < 500, (kind, str(error))
        except Exception as error:
            raise AssertionError(f"{name}({parameter}={kind}): {error!r}") from error


@pytest.mark.parametrize(
    "method",
    [
        NETWORK.with_input,
        NETWORK.index,
        cnncalc.analyze(NETWORK).__getitem__,
        cnncalc.explain(NETWORK).__getitem__,
        cnncalc.compare(NETWORK, NETWORK).pairs,
    ],
    ids=lambda method: method.__qualname__,
)
def test_whatever_a_method_is_given(method):
    for kind, value in nasty().items():
        try:
            method(value)
        except CnncalcError as error:
            assert "\n" not in str(error)
        except Exception as error:
            raise AssertionError(f"{method.__qualname__}({kind}): {error!r}") from error


WHOLE = [
    ("analyze", {"batch": 2, "input": (1, 8, 9)}),
    ("analyze", {"input": 9}),
    ("check", {"max_params": 4000, "min_rf": 3, "batch": 2}),
    ("compare", {"input": 9, "batch": 3}),
    ("explain", {"layers": [0, -1], "batch": 2}),
    ("explain", {"layers": 1}),
    ("field_changes", {"rf": (9, 7)}),
    ("input_sizes", {"between": [4, 9], "layer": "pool1", "output": 4}),
    ("layer", {"inputs": (3, 8, 8), "out_channels": 4, "kernel_size": [3, 5], "padding": 1}),
    ("layer", {"inputs": 7, "axes": 1, "padding": [[0, 1]], "stride": 2}),
    ("loads", {"width": 6}),
    ("paddings", {"size": 8, "kernel_size": 3, "output": 8, "stride": 1, "dilation": 1}),
    ("tiling", {"tile": (8, 8), "image": (3, 12, 12)}),
    ("unit_box", {"unit": (1, 2)}),
    ("units_reading", {"pixel": 1}),
]


def in_numpy(value):
    """Whole numbers as numpy's, lists of them as arrays."""
    numpy = pytest.importorskip("numpy")
    if isinstance(value, (list, tuple)):
        return numpy.array(value)
    return numpy.int32(value) if isinstance(value, int) else value


@pytest.mark.parametrize(("name", "arguments"), WHOLE)
def test_whole_numbers_of_any_kind(name, arguments):
    arguments = {**CALLS[name], **arguments}
    plain = call(name, arguments)
    assert call(name, {key: in_numpy(value) for key, value in arguments.items()}) == plain


def test_decimals_of_any_kind():
    numpy = pytest.importorskip("numpy")
    shapes = [
        cnncalc.analyze(cnncalc.layer("upsample", (3, 6, 6), scale_factor=factor))[0].out_shape
        for factor in (1.5, numpy.float32(1.5), Fraction(3, 2), Decimal("1.5"))
    ]
    assert shapes == [(3, 9, 9)] * 4


def test_booleans_are_no_numbers_and_numbers_no_booleans():
    for wrong in ({"batch": True}, {"input": True}, {"with_global": 1}):
        with pytest.raises(cnncalc.UsageError, match="must be"):
            cnncalc.analyze(NETWORK, **wrong)
    with pytest.raises(cnncalc.UsageError, match="transposed must be True or False, not str 'no'"):
        cnncalc.paddings(8, 3, 8, transposed="no")


MESSAGES = [
    (lambda: cnncalc.analyze(3), "a network is a built-in name, a path or a Network, not 3"),
    (lambda: cnncalc.analyze(None), "a network is a built-in name, a path or a Network, not None"),
    (lambda: cnncalc.loads(None), "a definition must be a text, not None"),
    (lambda: cnncalc.from_spec(11), "a spec must be a text, not 11"),
    (
        lambda: cnncalc.analyze(NETWORK, batch=0),
        "batch must be a whole number from 1 to 10^9, not 0",
    ),
    (
        lambda: cnncalc.analyze(NETWORK, batch=2.0),
        "batch must be a whole number from 1 to 10^9, not float '2.0'",
    ),
    (
        lambda: cnncalc.analyze(NETWORK, from_layer=0),
        "a layer's name must be a text, not 0",
    ),
    (
        lambda: cnncalc.unit_box(NETWORK, "conv1", "7"),
        "unit must be one number, or one per axis (h, w), not str '7'",
    ),
    (
        lambda: cnncalc.unit_box(NETWORK, "conv1", (1, 2, 3)),
        "unit must be one number, or one per axis (h, w), not (1, 2, 3)",
    ),
    (
        lambda: cnncalc.explain(NETWORK, layers=None)["conv9"],
        "net has no layer 'conv9'; did you mean 'conv2' or 'conv1'?",
    ),
    (lambda: cnncalc.explain(NETWORK, layers=2.5), "layers must be a name or a list of names, not"),
    (lambda: cnncalc.lint(NETWORK, select=3), "a rule must be a text, not 3"),
    (lambda: cnncalc.check(NETWORK, max_params=None), "max_params must be a whole number, or one"),
    (lambda: cnncalc.layer(None), "a layer type must be a text, not None"),
    (lambda: cnncalc.layer("conv", kernel_size="3"), "kernel_size must be a whole number"),
    (lambda: cnncalc.input_sizes(NETWORK, 5), "range 5 must be two whole numbers from 1 to 10^9"),
]


@pytest.mark.parametrize(("ask", "message"), MESSAGES)
def test_what_is_wrong_is_said(ask, message):
    with pytest.raises(cnncalc.UsageError) as error:
        ask()
    assert message in str(error.value)
