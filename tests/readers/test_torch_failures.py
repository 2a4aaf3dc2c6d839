"""Modules that cannot be traced or read: one line, which names the user's own and the module."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from contextlib import redirect_stderr

import pytest

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs torch")

import cnncalc  # noqa: E402
from cnncalc.cli.application import run  # noqa: E402

torch.library.define(
    "cnncalc_test::roi_align",
    "(Tensor input, Tensor rois, float spatial_scale, int[2] output_size) -> Tensor",
)


@torch.library.impl("cnncalc_test::roi_align", "Meta")
def pooled_regions(x, rois, scale, sizes):
    return x.new_empty(len(rois), x.shape[1], *sizes)


CODE = """\
import logging
import sys
import warnings

import torch
from torch import nn


def is_bright(x):
    return x.sum() > 0


class Block(nn.Module):
    def forward(self, x):
        if is_bright(x):
            return x * 2
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3)
        self.backbone = nn.ModuleDict({"layer3": nn.Sequential(nn.ReLU(), nn.ReLU(), Block())})

    def forward(self, x):
        return self.backbone["layer3"](self.stem(x))


class Slices(nn.Module):
    def forward(self, x):
        return x[:, : int(x.max())]


class Picks(nn.Module):
    def forward(self, x):
        places = torch.nonzero(x > 0)
        return x if len(places) > 3 else -x


class Finds(nn.Module):
    def forward(self, x):
        return 2 * torch.nonzero(x > 0)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(10, 10)

    def forward(self, x):
        return self.fc(x)


class Noisy(nn.Module):
    def forward(self, x):
        print("printed")
        warnings.warn("warned")
        logging.getLogger("mine").warning("logged")
        raise ValueError("of two\\nlines")


class Pair(nn.Module):
    def forward(self, left, right):
        return left + right


class Regions(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("boxes", torch.zeros(5, 4))

    def forward(self, x):
        x = torch.ops.cnncalc_test.roi_align(torch.roll(x, 1, 2), self.boxes, 1.0, [2, 2])
        return x.sum(0)
"""


def line_of(code):
    """The place of a line of the module, as messages have it."""
    (line,) = [at for at, one in enumerate(CODE.splitlines(), start=1) if one.strip() == code]
    return f"modules.py:{line}: in "


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "modules.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *(entry for entry in sys.path if entry)])
    monkeypatch.delitem(sys.modules, "modules", raising=False)
    return tmp_path


def refusal(name, capfd):
    """What standard error has of a refused factory; standard output has nothing."""
    assert run(["rf", f"modules:{name}", "--reader", "torch", "--input", "3x32x32"]) == 1
    done = capfd.readouterr()
    assert done.out == ""
    return done.err


BY_NUMBERS = {
    "Net": ("if is_bright(x):", "forward: if is_bright(x) (module 'backbone.layer3.2')"),
    "Slices": ("return x[:, : int(x.max())]", "forward: return x[:, : int(x.max())]"),
    "Finds": ("return 2 * torch.nonzero(x > 0)", "forward: return 2 * torch.nonzero(x > 0)"),
    "Picks": ("return x if len(places) > 3 else -x", "forward: return x if len(places) > 3 else"),
}


@pytest.mark.parametrize("name", BY_NUMBERS)
def test_code_that_depends_on_numbers(folder, capfd, name):
    code, told = BY_NUMBERS[name]
    line = refusal(name, capfd)
    assert line.count("\n") == 1
    assert f"PyTorch cannot trace it on input 3x32x32: {line_of(code)}{told}" in line
    assert "depends on the numbers in a tensor" in line and "dynamo=False" in line


def test_an_input_that_does_not_fit_a_layer(folder, capfd):
    line = refusal("Head", capfd)
    assert f"{line_of('return self.fc(x)')}forward: return self.fc(x) (module 'fc'): " in line
    assert line.count("\n") == 1 and "[96, 32] X [10, 10]" in line


def test_what_the_module_itself_says_stays(folder, capfd, caplog):
    printed, line = refusal("Noisy", capfd).splitlines()
    assert printed == "printed"
    assert line_of(r'raise ValueError("of two\nlines")') in line and "ValueError: of two;" in line
    assert [one.message for one in caplog.records if one.name == "mine"] == ["logged"]


def test_a_module_of_two_inputs(folder, capfd):
    assert "its forward(left, right) cannot be called with one tensor" in refusal("Pair", capfd)


def test_an_operator_that_is_not_read_with_its_line(folder, capfd):
    """What mixes regions has no figures per region; what else has no kind is a layer."""
    line = refusal("Regions", capfd)
    assert line.count("\n") == 1 and "roll" not in line
    assert line.startswith("modules:Regions: operator 'sum' of 'sum1'")
    assert f"({line_of('return x.sum(0)')}forward: return x.sum(0)) cannot be read" in line


def test_pytorch_is_quiet_and_what_was_set_stays(folder):
    """Its graph is printed to standard error, its records go to handlers of its own."""
    import modules

    logger, asked = logging.getLogger("torch"), io.StringIO()
    own = logging.StreamHandler(asked)
    logger.addHandler(own)
    logging.disable(logging.INFO)
    filters, errors = list(warnings.filters), io.StringIO()
    try:
        with redirect_stderr(errors), pytest.raises(cnncalc.DefinitionError):
            cnncalc.from_torch(modules.Net(), (3, 32, 32))
        assert errors.getvalue() == ""
        assert logging.root.manager.disable == logging.INFO
        assert warnings.filters == filters
        assert [handler.filters for handler in logger.handlers] == [[]] * len(logger.handlers)
    finally:
        logging.disable(logging.NOTSET)
        logger.removeHandler(own)


class Quitting(torch.nn.Module):
    def forward(self, x):
        sys.exit("\x1b[31mred")


ODD = [
    (torch.nn.Module(), "NotImplementedError"),
    (torch.jit.script(torch.nn.Conv2d(3, 3, 3)), "Exporting a ScriptModule is not supported"),
    (Quitting(), "in forward: sys.exit("),
    (torch.nn.LSTM(4, 4), "input 3x8x8: ValueError: LSTM: Expected"),
]


@pytest.mark.parametrize(("module", "told"), ODD, ids=[type(one).__name__ for one, _ in ODD])
def test_odd_modules(module, told):
    with pytest.raises(cnncalc.DefinitionError) as refused:
        cnncalc.from_torch(module, (3, 8, 8))
    assert told in str(refused.value) and str(refused.value).isprintable()


def test_what_torch_logs_asks_for_is_told(folder, monkeypatch):
    import modules

    monkeypatch.setenv("TORCH_LOGS", "export")
    errors = io.StringIO()
    with redirect_stderr(errors), pytest.raises(cnncalc.DefinitionError):
        cnncalc.from_torch(modules.Net(), (3, 32, 32))
    assert "torch.ops.aten.conv2d" in errors.getvalue()


def test_the_way_out_works(folder, tmp_path):
    """The trace of an example goes the example's way."""
    pytest.importorskip("onnx")
    import modules

    path = tmp_path / "block.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(modules.Net(), (torch.ones(1, 3, 32, 32),), path, dynamo=False)
    assert cnncalc.analyze(path)["stem"].out_shape == (8, 30, 30)
