"""A chain of windows on the command line."""

import pytest

import cnncalc
from cnncalc.cli.application import run

ALEXNET = "11,4 3,2 5,1,2 3,2 3,1,1 3,1,1 3,1,1 3,2"


def test_alexnet():
    """Its sizes at 227 and fields, as the literature has them (conv1 … pool5)."""
    report = cnncalc.analyze(cnncalc.from_spec(ALEXNET), input=227)
    assert [layer.layer for layer in report] == [f"layer{n}" for n in range(1, 9)]
    assert [layer.out_shape[1] for layer in report] == [55, 27, 27, 13, 13, 13, 13, 6]
    assert [layer.rf[0] for layer in report] == [11, 19, 51, 67, 99, 131, 163, 195]
    assert [layer.eff_stride[0] for layer in report] == [4, 8, 8, 16, 16, 16, 16, 32]
    assert {layer.params for layer in report} == {None}


def test_fields_need_no_size():
    report = cnncalc.analyze(cnncalc.from_spec(ALEXNET))
    assert report.input == (None, None, None)
    assert report["layer8"].rf == (195, 195)
    assert report["layer8"].out_shape == (None, None, None)
    assert cnncalc.analyze(cnncalc.from_spec(ALEXNET), input="3x227x227").input == (3, 227, 227)


# Taps at 0, 2, 4 of taps at 0, 1, 2: 7 pixels. Dilation 4 on top: 15.
VALUES = {
    "3 3,1,0,2 3,1,0,4": ((3, 3), (7, 7), (15, 15)),
    "3x5 1x3,2": ((3, 5), (3, 7)),
    "3x5x1": ((3, 5, 1),),
    "5×3": ((5, 3),),
    "3,2,same": ((3, 3),),
    "4,1,0:1": ((4, 4),),
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text):
    report = cnncalc.analyze(cnncalc.from_spec(text))
    assert tuple(layer.rf for layer in report) == VALUES[text]


def test_padding():
    report = cnncalc.analyze(cnncalc.from_spec("4,1,0:1x2:2 3,2,same 3,1,valid"), input=9)
    assert [layer.padding for layer in report] == [
        ((0, 1), (2, 2)),
        ((1, 1), (0, 1)),  # maps of 7 and 10: 4 and 5 windows reach over 9 and 11
        ((0, 0), (0, 0)),
    ]
    assert [layer.out_shape[1:] for layer in report] == [(7, 10), (4, 5), (2, 3)]


def test_shown_as_a_definition_that_gives_the_same(capsys):
    text = "11,4 3x5,2,0:1,2 5,1,same"
    assert run(["show", "--spec", text]) == 0
    shown = capsys.readouterr().out
    one, other = (
        cnncalc.analyze(network, input=100).to_dict()
        for network in (cnncalc.from_spec(text), cnncalc.loads(shown))
    )
    assert one == other


EXAMPLE = 'as in "7,2,3 3,2,1 3x5,1,same"'
FORM = f"give kernel[,stride[,padding[,dilation]]], {EXAMPLE}"
WHOLE = "a whole number of at least 1, or a list with one per axis (h, w)"
AXES = "give one number for all axes, or one for each of up to 3, everywhere alike"
WRONG = {
    "": f"the spec is empty; give kernel,stride,padding,dilation, {EXAMPLE}",
    "11,4 3,": f"spec item 2, '3,': {FORM}",
    "1,2,3,4,5": f"spec item 1, '1,2,3,4,5': {FORM}",
    "7 a": f"spec item 2, 'a': kernel_size must be {WHOLE}, not the text 'a'",
    "0": f"spec item 1, '0': kernel_size must be {WHOLE}, not 0",
    "3.5": f"spec item 1, '3.5': kernel_size must be {WHOLE}, not 3.5",
    "3,same": f"spec item 1, '3,same': stride must be {WHOLE}, not the text 'same'",
    "3,-1": f"spec item 1, '3,-1': stride must be {WHOLE}, not -1",
    "3,1,1,0": f"spec item 1, '3,1,1,0': dilation must be {WHOLE}, not 0",
    "3x3x3x3": f"the spec's values are for 4 axes; {AXES}",
    "3x3 1x1x1": f"the spec's values are for 2 and 3 axes; {AXES}",
    "99999999999": "spec item 1, '99999999999': kernel_size 99999999999 is over 10^9, "
    "the largest number of a definition",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_spec(text, capsys):
    with pytest.raises(cnncalc.UsageError) as error:
        cnncalc.from_spec(text)
    assert str(error.value) == WRONG[text]
    assert run(["rf", "--spec", text]) == 2
    assert capsys.readouterr().err == WRONG[text] + "\n"


@pytest.mark.parametrize(
    "asked", [["vgg16", "--spec", "3"], ["--yaml", "n.yaml", "--spec", "3"], []]
)
def test_one_network_at_a_time(asked, capsys):
    assert run(["rf", *asked]) == 2
    assert "Give one of NET, --yaml FILE and --spec." in capsys.readouterr().err


COMMANDS = ("shape", "rf", "params", "flops", "summary", "explain", "show")


@pytest.mark.parametrize("command", COMMANDS)
def test_in_place_of_net(command, capsys):
    assert run([command, "--spec", "3 3,2"]) == 0
    assert "layer2" in capsys.readouterr().out


def test_csv(capsys):
    assert run(["rf", "--spec", "11,4 3,2", "--input", "227", "--csv"]) == 0
    assert capsys.readouterr().out == (
        "index,layer,type,out_h,out_w,rf_h,rf_w,eff_stride_h,eff_stride_w,eff_pad_h,eff_pad_w,"
        "center_h,center_w\n"
        "1,layer1,window,55,55,11,11,4,4,0,0,5,5\n"
        "2,layer2,window,27,27,19,19,8,8,0,0,9,9\n"
    )


def test_a_window_larger_than_the_map(capsys):
    assert run(["shape", "--spec", "11,4 50", "--input", "64"]) == 1
    captured = capsys.readouterr()
    assert "layer1" in captured.out
    assert captured.err == (
        "--spec: layer 'layer2': window 50 is larger than its padded input 14 on axis h; "
        "it needs an input of at least 50, not 14\n"
    )
