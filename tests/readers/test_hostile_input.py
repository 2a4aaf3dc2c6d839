"""Whatever comes in, what comes out is a report or a refusal of one line, soon.

An alarm guards against hanging; it is generous, since nothing here measures time.
"""

from __future__ import annotations

import contextlib
import io
import json
import signal
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import CnncalcError, DefinitionError, ShapeError
from cnncalc.cli.application import run
from cnncalc.definition.expressions import BadExpression, evaluate
from cnncalc.definition.shape import BadInput, changed_shape
from cnncalc.layers import KINDS, kind
from cnncalc.layers.attributes import REQUIRED
from cnncalc.readers.source import Source
from cnncalc.readers.yaml import read

PATIENCE = 30  # seconds


class Hangs(Exception):
    """Something takes far too long."""


@contextlib.contextmanager
def soon():
    """Break off what hangs."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def broken_off(*_):
        raise Hangs

    before = signal.signal(signal.SIGALRM, broken_off)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(text):
    """The report of a definition, or the refusal; anything else that is raised is a mistake."""
    with soon():
        try:
            return cnncalc.analyze(cnncalc.loads(text))
        except CnncalcError as error:
            assert "\n" not in str(error)
            assert str(error).isprintable()
            return error


def refusal(text):
    found = outcome(text)
    assert isinstance(found, CnncalcError)
    return str(found)


def net(*rows, shape="[3, 32, 32]", top=""):
    body = "".join(f"  - {row}\n" for row in rows)
    return f"name: hostile\ninput: {shape}\n{top}layers:\n{body}"


def doubling(line, count):
    """Lines that each name the one before twice."""
    return "".join(line.format(before=n - 1, this=n) for n in range(1, count))


class TestBombs:
    """What is small to write and would be large to carry out."""

    def test_aliases_that_grow_exponentially(self):
        top = "args:\n  a0: &a0 [1, 1]\n" + doubling(
            "  a{this}: &a{this} [*a{before}, *a{before}]\n", 99
        )
        assert "aliases repeat more than 200,000 values" in refusal(net("relu", top=top))

    def test_aliases_that_grow_with_the_square(self):
        top = f"args:\n  a: &a [{'1, ' * 3000}1]\n  b: [{'*a, ' * 3000}*a]\n"
        assert "aliases repeat more than 200,000 values" in refusal(net("relu", top=top))

    def test_lists_of_layers_that_many_blocks_share(self):
        top = f"blocks:\n  b0: {{layers: &l [{'relu, ' * 3000}relu]}}\n"
        top += "".join(f"  b{n}: {{layers: *l}}\n" for n in range(1, 3000))
        assert "aliases repeat more than 200,000 values" in refusal(net("relu", top=top))

    def test_a_list_inside_itself(self):
        assert "stands inside what it names" in refusal(net("relu", top="args: {a: &a [*a]}\n"))

    def test_a_layer_inside_itself(self):
        assert "stands inside what it names" in refusal(net("&l {type: relu, p: *l}"))

    def test_concatenations_that_double(self):
        rows = ["{name: c0, type: relu}"]
        rows += [f"{{name: c{n}, type: concat, from: [c{n - 1}, c{n - 1}]}}" for n in range(1, 99)]
        # 3·2^59 > 10^18 ≥ 3·2^58
        told = refusal(net(*rows))
        assert "layer 'c59': channel count is over 10^18" in told

    def test_blocks_that_double(self):
        top = "blocks:\n  b0: {layers: [relu]}\n"
        top += doubling("  b{this}: {{layers: [b{before}, b{before}]}}\n", 49)
        assert "expands to more than 200,000 layers" in refusal(net("b48", top=top))

    def test_repeats_in_repeats(self):
        top = "blocks:\n  b0: {layers: [relu]}\n"
        top += doubling("  b{this}: {{layers: [{{type: b{before}, repeat: 1000}}]}}\n", 9)
        assert "expands to more than 200,000 layers" in refusal(net("b8", top=top))

    def test_names_that_grow(self):
        top = f"blocks:\n  {'b' * 999}: {{layers: [{{name: {'x' * 999}, type: relu}}]}}\n"
        row = f"{{name: {'y' * 999}, type: {'b' * 999}, repeat: 100000}}"
        assert "names are over 20 million characters" in refusal(net(row, top=top))

    def test_strides_of_a_billion_repeated(self):
        row = "{name: c, type: window, kernel_size: 1, stride: 1000000000, repeat: 99}"
        assert "layer 'c.2': effective stride is over 10^18" in refusal(net(row, shape="[3, null]"))

    def test_fields_that_grow(self):
        row = "{name: c, type: window, kernel_size: 1000000000, repeat: 9999}"
        assert not isinstance(outcome(net(row, shape="[3, null]")), ShapeError)
        row = "{name: c, type: window, kernel_size: 2, stride: 2, repeat: 99}"
        assert "layer 'c.59'" in refusal(net(row, shape="[3, null]"))  # 2^60 > 10^18 ≥ 2^59

    def test_sizes_that_grow(self):
        row = "{name: up, type: upsample, scale_factor: 1000000000, repeat: 9}"
        assert "layer 'up.1': output size is over 10^18" in refusal(net(row))
        row = (
            "{name: up, type: conv_transpose, out_channels: 1, kernel_size: 1, stride: 1000000000}"
        )
        told = refusal(net(row, row.replace("up", "again")))
        assert "layer 'again': output size is over 10^18" in told

    @pytest.mark.parametrize("size", [9973, 9967, 99991, 100003])
    def test_resizing_to_primes(self, size):
        """Over 10,000 phases there is no stride, over 100,000 units no field; there is a shape."""
        report = outcome(net(f"{{type: upsample, size: {size}}}", shape="[1, 10007, 10007]"))
        assert report.layers[0].out_shape == (1, size, size)
        assert (report.layers[0].eff_stride == (None, None)) == (size > 10_000)
        assert report.layers[0].rf == ((1, 1) if size < 100_000 else (None, None))
        assert bool(report.warnings) == (size > 100_000)

    def test_primes_one_after_the_other(self):
        rows = [f"{{type: upsample, size: {size}}}" for size in (97, 89, 83, 79, 73)]
        report = outcome(net(*rows, shape="[1, 101, 101]"))
        assert report.layers[-1].out_shape == (1, 73, 73)

    def test_transposed_strides_of_a_billion(self):
        row = "{type: conv_transpose, out_channels: 1, kernel_size: 3, stride: 1000000000}"
        report = outcome(net(row))
        assert report.layers[0].out_shape == (1, 31 * 10**9 + 3, 31 * 10**9 + 3)
        assert report.layers[0].rf == (None, None) and report.warnings

    def test_dilations_that_leave_gaps_everywhere(self):
        rows = [
            "{type: conv, out_channels: 1, kernel_size: 99, dilation: 999, padding: 9, repeat: 9}",
            "{type: window, kernel_size: 999, stride: 1, padding: 0}",
        ]
        report = outcome(net(*rows, shape="[1, 1000000, 1000000]"))
        assert not isinstance(report, CnncalcError)


class TestManyNames:
    """A hint is short and soon there, however many names there are to choose from."""

    @pytest.mark.parametrize("count", [30, 5000])
    def test_of_arguments(self, count):
        top = "args:\n" + "".join(f"  a{n}: 1\n" for n in range(count))
        told = refusal(net("{type: dropout, p: $zzz}", top=top))
        assert told.endswith("a17, a18, a19, …")

    def test_of_layers(self):
        told = refusal(net("{name: c, type: relu, repeat: 20000}", "{type: relu, from: c.20000}"))
        assert "no layer 'c.20000' is listed before this line" in told

    def test_of_layers_that_are_written_out(self):
        rows = [f"{{name: conv_{n}, type: relu}}" for n in range(3000)]
        told = refusal(net(*rows, "{type: relu, from: conv_9999}"))
        assert told.endswith("did you mean 'conv_999'?")


class TestNesting:
    @pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: ", "&a [", "{? ["])
    def test_thousands_of_brackets(self, opening):
        for text in (opening * 9999, f"layers: {opening * 9999}", net("relu") + opening * 9999):
            assert isinstance(outcome(text), DefinitionError)

    def test_closing_brackets(self):
        assert isinstance(outcome("]" * 9999), DefinitionError)

    def test_indentation(self):
        text = "".join(" " * depth + "a:\n" for depth in range(999))
        assert "nested deeper than 20 levels" in refusal(text)

    def test_parentheses_of_an_expression(self):
        row = f"{{type: conv, out_channels: $({'(' * 400}1{')' * 400}), kernel_size: 1}}"
        assert "nested deeper than 50 levels" in refusal(net(row))


class TestMarkup:
    """Names are text: nothing draws, links, colours or moves the cursor."""

    @pytest.mark.parametrize(
        "name",
        ["[red]", "[/]", "[link=http://x]y[/link]", "[bold", "\\[x]", ":bomb:", "{{x}}", "%s"],
    )
    def test_shown_as_it_is(self, name, capsys, tmp_path):
        path = tmp_path / "net.yaml"
        path.write_text(net(f"{{name: {json.dumps(name)}, type: relu}}"))
        assert run(["shape", str(path)]) == 0
        assert f" {name} " in capsys.readouterr().out

    @pytest.mark.parametrize(
        "sign", ["\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\ufeff", "\t", "\n"]
    )
    @pytest.mark.parametrize("place", ["layer", "type", "network", "block", "from", "argument"])
    def test_what_cannot_be_printed_is_refused_and_told_in_print(self, sign, place):
        word = json.dumps(f"a{sign}b")
        text = {
            "layer": net(f"{{name: {word}, type: relu}}"),
            "type": net(f"{{type: {word}}}"),
            "network": net("relu").replace("hostile", word),
            "block": net(
                "{type: $t}", top=f"args: {{t: {word}}}\nblocks: {{{word}: {{layers: [relu]}}}}\n"
            ),
            "from": net(f"{{type: relu, from: {word}}}"),
            "argument": net("{type: $t}", top=f"args: {{t: {word}}}\n"),
        }[place]
        assert (
            r"a\x" in refusal(text)
            or r"a\u" in refusal(text)
            or r"a\t" in refusal(text)
            or (r"a\n" in refusal(text))
        )


PIECES = [
    *("name: a\n", "input: [3, 8, 8]\n", "layers:\n", "  - relu\n", "- {type: relu}\n", "- "),
    *("- ", ": ", "{", "}", "[", "]", ",", "\n", " ", "  ", "\t", "&a ", "*a", "<<: ", "! ", "'"),
    *('"', "!!python/none ", "|\n", ">\n", "---\n", "...\n", "%YAML 1.1\n", "#", "? ", "null"),
    *("true", "1", "-1", "1e9", ".nan", "0x1", "2001-01-01", "$a", "$(1/0)", "from: "),
    *("args:\n  a: 1\n", "blocks:\n  b: {layers: [relu]}\n", "  - b\n", "include: [x.yaml]\n"),
    *("defaults: {conv: {bias: no}}\n", "budgets: {params: 1}\n", "when: no", "type: conv"),
    *("\\", "\x00", "\x85", "\u2028", "\ufeff", "é"),
]  # fmt: skip

FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.booleans())
@FUZZ
def test_fragments_of_yaml(pieces, complete):
    outcome((net("relu") if complete else "") + "".join(pieces))


@given(st.binary(max_size=60))
@FUZZ
def test_bytes(content):
    with soon():
        try:
            read(Source("it.yaml", given=content))
        except DefinitionError as error:
            assert "\n" not in str(error)


NUMBERS = st.one_of(
    st.integers(-2, 12),
    st.sampled_from([10**9, 10**9 + 1, 10**26, 9973, 0.5, 1.5, 0.0, 3.0, True, False, None]),
)
VALUES = st.one_of(
    NUMBERS,
    st.sampled_from(
        ["same", "valid", "same_lower", "caffe", "bilinear", "nearest", "010", "1e3", ""]
    ),
    st.sampled_from(["input", "a", "b", "$n", "$(n / 2)", "$(", "$missing", ".nan", "[x]", "relu"]),
    st.lists(NUMBERS, max_size=3),
    st.lists(st.lists(st.integers(-1, 3), max_size=3), max_size=3),
)


SMALL = st.integers(1, 4)
FITTING = {
    "Count": SMALL,
    "Channels": st.sampled_from([1, 2, 3, 4, 6, 8, None]),
    "Flag": st.booleans(),
    "PerAxis": st.one_of(SMALL, st.lists(SMALL, min_size=1, max_size=3)),
    "OutputSize": st.one_of(SMALL, st.sampled_from([[None, 2], [3, 5], 9973])),
    "Padding": st.sampled_from([0, 1, 2, [1, 0], [[0, 1], [1, 0]], [[2, 0]], "same", "valid"]),
    "ScaleFactor": st.sampled_from([1, 2, 3, 0.5, 1.5, 9973, "$(1/3)", "$(7/5)"]),
    "Range": st.sampled_from([[0, 1], [1, 3], [2, 8]]),
    "LayerName": st.sampled_from(["input", "a", "b"]),
    "Kept": st.sampled_from([0.1, True, "word", None]),
}


def fitting(declared):
    """What an attribute can take, mostly."""
    if type(declared).__name__ == "Choice":
        return st.sampled_from(declared.choices)
    return FITTING.get(type(declared).__name__, VALUES)


@st.composite
def random_layers(draw):
    """A few layers, each of a type with some of its attributes; some are nonsense."""
    rows, names = [], ["input"]

    def seldom():
        return draw(st.integers(0, 30)) == 17

    for name in "abcde"[: draw(st.integers(1, 5))]:
        type_name = draw(st.sampled_from([*KINDS, "block"]))
        known = kind(type_name).attributes if type_name in KINDS else {}
        needed = [key for key, declared in known.items() if declared.default is REQUIRED]
        more = draw(st.lists(st.sampled_from([*known, "width"]), max_size=2)) if known else []
        keys = more if seldom() else [*needed, *(key for key in more if key in known or seldom())]
        row = {"name": name, "type": "nothing" if seldom() else type_name}
        row |= {key: draw(VALUES if seldom() else fitting(known.get(key))) for key in keys}
        merges = type_name in ("add", "mul", "concat", "maximum")
        if merges or draw(st.integers(0, 3)) == 0:
            sources = st.sampled_from(["d" if seldom() else names[-1], *names])
            row["from"] = draw(st.lists(sources, min_size=1 + merges, max_size=1 + 2 * merges))
        if seldom():
            row["repeat"] = draw(VALUES)
        rows.append(row)
        names.append(name)
    return rows


@given(
    random_layers(),
    st.sampled_from([[3, 8, 8], [4, 9], [8, 4, 4, 4], [None, 8, 8], [3, None, None], [0], "3x8"]),
    st.sampled_from(["csv", "json", "table", "markdown"]),
)
@settings(parent=FUZZ, max_examples=400)
def test_layers_of_any_attributes(layers, shape, form):
    block = {"args": {"width": 1}, "layers": [{"type": "relu", "repeat": "$width"}]}
    definition = {
        "name": "any",
        "input": shape,
        "args": {"n": 3},
        "blocks": {"block": block},
        "layers": layers,
    }
    report = outcome(json.dumps(definition))
    if not isinstance(report, CnncalcError):
        assert len(report.records()) == len(report)
        with soon(), contextlib.redirect_stdout(io.StringIO()) as out:
            from cnncalc.text.answer import render
            from cnncalc.text.report import report_answer
            from cnncalc.text.selection import VIEWS, select

            answer = report_answer(select(report, VIEWS["summary"], True))
            print(render(answer, form, None))
        assert "layer" in out.getvalue()


@given(
    st.text(
        alphabet=string.ascii_letters + string.digits + "+-*/%()<>=!., _$'\"\\\n٣é", max_size=30
    )
)
@FUZZ
def test_expressions(text):
    for whole in (f"$({text})", f"${text}", text):
        with soon(), contextlib.suppress(BadExpression):
            evaluate(whole, {"a": 1, "b": True, "c": "d"})


@given(st.text(max_size=12), st.sampled_from([(3, 8), (3, 8, 8), (None, 8, 8, 8)]))
@FUZZ
def test_input_option(text, shape):
    with contextlib.suppress(BadInput):
        assert len(changed_shape(shape, text)) == len(shape)


WORDS = [
    *("shape", "rf", "params", "flops", "summary", "list", "show", "vgg16", "zf5", "nothing", "-"),
    *("--csv", "--json", "--format", "tsv", "--columns", "rf,macs", "--all", "--layers", "conv*"),
    *("--input", "3x64x64", "64", "0", "--batch", "2", "--from", "conv1", "--with-global"),
    *("--set", "a=1", "--layout", "nhwc", "--expand", "-o", "/dev/null", "", "--", "--yaml", "é"),
    *("-h", "\udcff"),
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=7))
@FUZZ
def test_command_lines(words):
    class NoInput:
        buffer = io.BytesIO(b"name: t\ninput: [1, 8]\nlayers: [relu]\n")

    with pytest.MonkeyPatch.context() as patch, soon():
        patch.setattr("sys.stdin", NoInput())
        patch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
        patch.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
        assert run(words) in (0, 1, 2)
