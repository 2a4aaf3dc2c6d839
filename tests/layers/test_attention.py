"""Attention and tokens: costs and fields against PyTorch, and what is refused."""

import itertools
import json
import math

import pytest
from oracle import evaluate
from random_networks import to_yaml

import cnncalc


def network(shape, *layers):
    """A network of layers given as dicts; those without a name go by their type."""
    named = [{"name": layer["type"], **layer} for layer in layers]
    return {"name": "net", "input": list(shape), "layers": named}


def loaded(shape, *layers):
    return cnncalc.loads(json.dumps(network(shape, *layers)))


def analyzed(shape, *layers, **options):
    return cnncalc.analyze(loaded(shape, *layers), **options)


def attention(**attributes):
    return {"type": "attention", "heads": 2, **attributes}


CONV = {"type": "conv", "out_channels": 4, "kernel_size": 3, "stride": 2, "padding": 1}
TOKENS = {"type": "tokens"}


# -- PyTorch's own count ---------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("channels, heads, units", [(768, 12, 197), (12, 3, 5), (4, 4, 1)])
def test_costs_of_multi_head_attention(channels, heads, units, bias):
    torch = pytest.importorskip("torch")
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    own = torch.nn.MultiheadAttention(channels, heads, bias=bias, batch_first=True, device="meta")
    x = torch.empty(1, units, channels, device="meta")
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        own(x, x, x, need_weights=False)
    layer = attention(heads=heads, qkv_bias=bias, bias=bias)
    report = analyzed((channels, units), layer)
    assert report.totals.params == sum(one.numel() for one in own.parameters())
    assert report.totals.flops == counter.get_total_flops()


# -- windows by hand -------------------------------------------------------------------------------


def by_hand(torch, x, layer, weights):
    """Self-attention in windows of a map (channels, *sizes), unit by unit as the papers draw it.

    The map is padded with zeros to whole windows and rolled back by the shift; within a window two
    units see each other if neither has come around the edge without the other.
    """
    qkv, proj, table = weights
    sizes = x.shape[1:]
    window = layer.get("window") or sizes
    shift = layer.get("shift") or [0] * len(sizes)
    shift = [0 if side >= size else moved for size, side, moved in zip(sizes, window, shift)]
    padded = [math.ceil(size / side) * side for size, side in zip(sizes, window)]
    heads, channels = layer["heads"], x.shape[0]
    keys = layer.get("key_dim") or channels // heads
    projected = {}
    for place in itertools.product(*map(range, padded)):
        inside = all(at < size for at, size in zip(place, sizes))
        unit = x[(slice(None), *place)] if inside else x.new_zeros(channels)
        parts = qkv(unit).split([heads * keys, heads * keys, channels])
        projected[place] = [part.view(heads, -1) for part in parts]
    out = torch.zeros_like(x)
    for place in itertools.product(*map(range, sizes)):
        rolled = [(at - moved) % side for at, moved, side in zip(place, shift, padded)]
        starts = [at // side * side for at, side in zip(rolled, window)]
        inner = [range(start, start + side) for start, side in zip(starts, window)]
        scores, values = [], []
        for other in itertools.product(*inner):
            source = tuple((at + moved) % side for at, moved, side in zip(other, shift, padded))
            wraps = [at + moved >= side for at, moved, side in zip(other, shift, padded)]
            mine = [at + moved >= side for at, moved, side in zip(rolled, shift, padded)]
            if wraps != mine:
                continue
            query, key = projected[place][0], projected[source][1]
            score = (query * key).sum(1) / math.sqrt(keys)
            if table is not None:
                apart = [a - b + side - 1 for a, b, side in zip(rolled, other, window)]
                score = score + table[(slice(None), *apart)]
            scores.append(score)
            values.append(projected[source][2])
        shares = torch.stack(scores).softmax(0)
        mixed = (shares[..., None] * torch.stack(values)).sum(0)
        out[(slice(None), *place)] = proj(mixed.flatten())
    return out


def weights_of(torch, channels, layer):
    """Random weights, in the layouts that PyTorch's linear layers have."""
    heads, keys = layer["heads"], layer.get("key_dim") or channels // layer["heads"]
    qkv = torch.nn.Linear(channels, 2 * heads * keys + channels, dtype=torch.float64)
    proj = torch.nn.Linear(channels, channels, dtype=torch.float64)
    table = None
    if layer.get("position_bias"):
        sizes = [2 * side - 1 for side in layer["window"]]
        table = torch.randn(heads, *sizes, dtype=torch.float64)
    return qkv, proj, table


WINDOWS = [
    ((7,), {"window": [3], "shift": [2]}),
    ((11,), {"window": [4], "shift": [1], "position_bias": True}),
    ((4,), {"window": [7], "shift": [3]}),  # one window covers the map: it is not moved
    ((5, 7), {"window": [2, 3], "shift": [1, 2], "position_bias": True}),
    ((6, 4), {"window": [3, 4], "shift": [1, 2]}),
    ((5, 6), {"window": [3, 3], "shift": [0, 1], "key_dim": 3}),
    ((4, 3), {}),
    ((3, 4, 5), {"window": [2, 3, 2], "shift": [1, 0, 1], "position_bias": True}),
]


def pixels_of(gradient):
    """Per axis the pixels at which a gradient (channels, *sizes) is not 0."""
    places = gradient.abs().sum(0).nonzero().tolist()
    return [sorted({place[axis] for place in places}) for axis in range(gradient.dim() - 1)]


def sides_of(network, layer, place):
    """Per axis the pixels within the image that a unit reads, from first to last."""
    sides = cnncalc.unit_box(network, layer, list(place)).sides
    return [list(range(side.clipped[0], side.clipped[1] + 1)) for side in sides]


@pytest.mark.parametrize("sizes, attributes", WINDOWS)
def test_windows_read_what_gradients_show(sizes, attributes):
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    layer = attention(**attributes)
    net = loaded((4, *sizes), layer)
    x = torch.randn(4, *sizes, dtype=torch.float64, requires_grad=True)
    out = by_hand(torch, x, layer, weights_of(torch, 4, layer))
    for place in itertools.product(*map(range, sizes)):
        (gradient,) = torch.autograd.grad(out[(0, *place)], x, retain_graph=True)
        assert pixels_of(gradient) == sides_of(net, "attention", place)


def exported(net):
    """The module that a network is exported as."""
    from cnncalc.exporters.pytorch.export import export

    names = {"__name__": "exported"}
    exec(export(net, cnncalc.analyze(net)), names)
    return names["Net"]()


@pytest.mark.parametrize("sizes, attributes", WINDOWS)
def test_what_is_exported_computes_the_same(sizes, attributes):
    torch = pytest.importorskip("torch")
    torch.manual_seed(2)
    layer = attention(**attributes)
    module = exported(loaded((4, *sizes), {"type": "identity"}, layer)).double()
    qkv, proj, table = weights = weights_of(torch, 4, layer)
    state = {f"attention.qkv.{k}": v for k, v in qkv.state_dict().items()}
    state |= {f"attention.proj.{k}": v for k, v in proj.state_dict().items()}
    if table is not None:
        state["attention.position_bias"] = table
    module.load_state_dict(state)
    x = torch.randn(3, 4, *sizes, dtype=torch.float64)
    expected = torch.stack([by_hand(torch, one, layer, weights) for one in x])
    assert torch.allclose(module(x), expected, atol=1e-12)


@pytest.mark.parametrize("sizes, attributes", WINDOWS)
def test_costs_of_windows_are_what_pytorch_counts(sizes, attributes):
    torch = pytest.importorskip("torch")
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    net = loaded((4, *sizes), {"type": "identity"}, attention(**attributes))
    report = cnncalc.analyze(net, batch=2)
    module = exported(net)
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
        module(torch.ones(2, 4, *sizes))
    assert counter.get_total_flops() == report.totals.flops
    assert sum(one.numel() for one in module.parameters()) == report.totals.params


CHAINS = [
    ((2, 13), (CONV, attention(window=3, shift=1), {**CONV, "name": "last"})),
    (
        (2, 30, 24),
        (
            CONV,
            attention(window=[4, 3], shift=[2, 0]),
            {"type": "add", "from": ["attention", "conv"]},
        ),
    ),
    (
        (2, 40, 33),
        (
            attention(name="a", window=5),
            {"type": "add", "from": ["a", "input"]},
            attention(name="b", window=5, shift=2, **{"from": "add"}),
            {"type": "max_pool", "kernel_size": 2},
            attention(name="c", window=3, shift=1),
        ),
    ),
    ((2, 12, 15, 9), (attention(window=[3, 4, 2], shift=[1, 3, 0]), CONV)),
    ((2, 9, 9), (attention(window=12, shift=5), CONV)),
    ((2, 9, 9), (attention(), {"type": "add", "from": ["attention", "input"]})),
]


@pytest.mark.parametrize("shape, layers", CHAINS)
@pytest.mark.parametrize("with_global", [False, True])
def test_figures_against_sets_of_pixels(shape, layers, with_global):
    """The oracle holds, for every unit, the units of the window that holds it."""
    description = network(shape, *layers)
    before = "input"
    for layer in description["layers"]:
        given = layer.get("from", before)
        layer["from"] = given if isinstance(given, list) else [given]
        before = layer["name"]
    report = cnncalc.analyze(cnncalc.loads(to_yaml(description)), with_global=with_global)
    for name, figures in evaluate(description, with_global=with_global).items():
        found = {key: getattr(report[name], key) for key in figures}
        assert found == figures, name


# -- units in a row --------------------------------------------------------------------------------


def gradients_of_rows(torch, sizes):
    """Per layer of `ROW` the pixels that each unit reads, of a map of so many pixels.

    Weights are positive, so that paths do not cancel; a learned token is a constant.
    """
    x = torch.rand(2, *sizes, dtype=torch.float64, requires_grad=True)
    conv = [torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d][len(sizes) - 1]
    weights = torch.nn.init.constant_
    first = conv(2, 4, 3, stride=2, padding=1, dtype=torch.float64)
    last = conv(4, 4, 3, stride=2, padding=1, dtype=torch.float64)
    for one in (first, last):
        weights(one.weight, 0.1)
    made = {"conv": first(x)}
    made["tokens"] = made["conv"].flatten(1)
    learned = torch.ones(4, 2, dtype=torch.float64)
    made["prepend"] = torch.cat([learned, made["tokens"]], 1)
    count = made["tokens"].shape[1]
    made["take"] = made["prepend"][:, 2 : count + 2]
    made["some"] = made["prepend"][:, 1:4]
    made["across"] = made["tokens"][:, slice(*across(sizes))]
    made["mean"] = made["across"].mean(1, keepdim=True)
    made["untokens"] = made["take"].view_as(made["conv"])
    made["last"] = last(made["untokens"])
    return {
        name: [
            pixels_of(torch.autograd.grad(unit, x, retain_graph=True)[0])
            if unit.requires_grad
            else None
            for unit in out[0].flatten()
        ]
        for name, out in made.items()
    }


def across(sizes):
    """The last unit of the first line and the first of the second; two units of a single line."""
    end = 1 if len(sizes) == 1 else (sizes[-1] + 1) // 2
    return [end - 1, end + 1]


def row_network(sizes, count):
    return loaded(
        (2, *sizes),
        CONV,
        TOKENS,
        {"type": "prepend", "count": 2},
        {"type": "take", "index": [2, count + 2]},
        {"name": "some", "type": "take", "index": [1, 4], "from": "prepend"},
        {"name": "across", "type": "take", "index": across(sizes), "from": "tokens"},
        {"name": "mean", "type": "global_avg_pool"},
        {"type": "untokens", "like": "conv", "from": "take"},
        {**CONV, "name": "last"},
    )


@pytest.mark.parametrize("sizes", [(9,), (5, 8), (7, 3), (4, 6, 3)])
def test_units_in_a_row_read_what_gradients_show(sizes):
    torch = pytest.importorskip("torch")
    count = math.prod((size + 1) // 2 for size in sizes)
    net = row_network(sizes, count)
    report = cnncalc.analyze(net)
    for name, units in gradients_of_rows(torch, sizes).items():
        shape = report[name].out_shape[1:]
        for place, pixels in zip(itertools.product(*map(range, shape)), units):
            box = cnncalc.unit_box(net, name, list(place))
            assert (box.sides is None) == (pixels == [[]] * len(sizes)), (name, place)
            if box.sides is not None:
                ends = [[side[0], side[-1]] for side in sides_of(net, name, place)]
                assert [[side[0], side[-1]] for side in pixels] == ends, (name, place)


def figures(layer):
    return layer.rf, layer.rf_min, layer.eff_stride, layer.eff_pad, layer.center


def test_a_row_keeps_how_wide_fields_are_and_a_map_restores_the_rest():
    report = cnncalc.analyze(row_network((5, 8), 12))
    nothing = (None, None)
    assert figures(report["tokens"]) == ((3, 3), (3, 3), nothing, nothing, nothing)
    assert figures(report["prepend"]) == ((3, 3), (0, 0), nothing, nothing, nothing)
    assert figures(report["some"]) == ((3, 3), (0, 0), nothing, nothing, nothing)
    assert figures(report["untokens"]) == figures(report["conv"])
    assert report["last"].rf == (7, 7)


def test_a_row_of_one_axis_stays_on_it():
    report = analyzed((4, 9), TOKENS, {"type": "take", "index": [2, 7]}, CONV)
    assert figures(report["tokens"]) == ((1,), (1,), (1,), (0,), (0,))
    assert figures(report["take"]) == ((1,), (1,), (1,), (-2,), (2,))
    assert figures(report["conv"]) == ((3,), (3,), (2,), (-1,), (2,))


def test_a_map_of_other_sizes_restores_nothing():
    pool = {"type": "max_pool", "kernel_size": [1, 4], "stride": [1, 4]}
    report = analyzed(
        (4, 4, 4),
        TOKENS,
        {"name": "wide", "type": "upsample", "size": [2, 8], "from": "input"},
        {"type": "untokens", "like": "wide", "from": "tokens"},
        pool,
        {"name": "again", "type": "tokens", "from": "untokens"},
        {"name": "back", "type": "untokens", "like": "input"},
    )
    assert report["untokens"].rf == (1, 1) and report["untokens"].eff_stride == (None, None)
    assert report["max_pool"].rf == (None, None)
    assert figures(report["back"]) == ((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))


TRANSFORMER = (
    {**CONV, "stride": 4},
    TOKENS,
    {"type": "prepend"},
    {"type": "position"},
    attention(),
    {"type": "add", "from": ["attention", "position"]},
    {"name": "mlp", "type": "conv", "out_channels": 4, "kernel_size": 1},
    {"name": "sum", "type": "add", "from": ["mlp", "add"]},
    {"name": "class", "type": "take", "index": 0},
    {"type": "linear", "out_features": 3},
    {"name": "patches", "type": "take", "index": [1, 10], "from": "sum"},
    {"name": "map", "type": "untokens", "like": "conv"},
)


def test_a_class_token_has_no_path_but_through_attention():
    report = analyzed((2, 12, 12), *TRANSFORMER)
    assert report["position"].rf == (3, 3) and not report["position"].gated
    assert report["attention"].is_global and report["attention"].rf == (11, 11)
    assert report["add"].rf == report["sum"].rf == (3, 3)  # along the residual paths
    assert report["sum"].gated and not report["sum"].is_global
    assert report["class"].is_global and report["class"].rf == (11, 11)
    assert report["linear"].is_global and report["linear"].rf == (11, 11)
    assert report["map"].rf == (3, 3) and report["map"].eff_stride == (4, 4)
    with_global = analyzed((2, 12, 12), *TRANSFORMER, with_global=True)
    assert all(with_global[name].is_global for name in ("add", "sum", "class", "map"))


def test_a_class_token_that_nothing_was_added_to_reads_nothing():
    report = analyzed((2, 12, 12), *TRANSFORMER[:3], {"type": "take", "index": 0})
    assert report["take"].rf == (None, None)


def test_layers_on_tokens_have_attributes_of_one_axis():
    report = analyzed(
        (2, 6, 5),
        TOKENS,
        {"type": "conv", "out_channels": 3, "kernel_size": [1]},
        {"type": "batch_norm"},
        {"type": "concat", "from": ["batch_norm", "tokens"]},
        {"type": "mul", "from": ["concat", "concat"]},
        {"name": "one", "type": "global_avg_pool"},
        {"name": "gated", "type": "mul", "from": ["one", "concat"]},
    )
    assert report["conv"].kernel == (1,) and report["conv"].weight_shape == (3, 2, 1)
    assert report["gated"].out_shape == (5, 30) and report["gated"].rf == (1, 1)
    assert report["one"].is_global and report["gated"].gated
    flat = report.records()[1]
    assert (flat["out_h"], flat["out_w"], flat["kernel_h"], flat["kernel_w"]) == (30, None, 1, None)
    assert report["conv"].to_dict()["out_shape"] == [3, 30]


def test_a_matrix_product_reads_one_row_and_the_whole_other_matrix():
    report = analyzed(
        (4, 3, 5),
        {"type": "conv", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {"name": "q", "type": "tokens", "from": "input"},
        {"name": "k", "type": "tokens", "from": "conv"},
        {"name": "s", "type": "matmul", "from": ["q", "k"], "transpose": True},
        {"type": "softmax"},
        {"name": "y", "type": "matmul", "from": ["softmax", "k"]},
        {"type": "untokens", "like": "input"},
    )
    assert report["s"].out_shape == (15, 15) and report["y"].out_shape == (4, 15)
    assert report["s"].rf == (1, 1) and report["s"].gated  # its query; all keys are a whole map
    assert report["untokens"].eff_stride == (1, 1)


def test_what_does_not_depend_on_the_size_is_known_without_one():
    report = analyzed((3, None, None), CONV, attention(window=4, shift=1), TOKENS)
    assert report["attention"].rf == (9, 9)  # 4 units of 3, 2 apart
    assert report["attention"].eff_pad == (None, None)  # one window may cover the map
    assert report["tokens"].rf == (9, 9)
    unmoved = analyzed((3, None, None), CONV, attention(window=4))
    assert unmoved["attention"].eff_pad == (1, 1)


# -- costs -----------------------------------------------------------------------------------------


def test_products_of_activations_are_told_apart_and_scale():
    layers = (attention(window=2), {"type": "conv", "out_channels": 3, "kernel_size": 1})
    one, four = analyzed((4, 4, 4), *layers), analyzed((4, 4, 4), *layers, batch=4)
    assert one["attention"].product_macs == 16 * 4 * 8  # 16 units, each with 4, 2·4 numbers each
    assert one["attention"].macs == 16 * 4 * 16 + 16 * 4 * 8
    assert one["conv"].product_macs == 0
    assert four["attention"].product_macs == 4 * one["attention"].product_macs
    regions = {"type": "roi_align", "output_size": 4, "regions": 7}
    pooled = analyzed((4, 9, 9), regions, *layers)
    assert pooled["attention"].product_macs == 7 * one["attention"].product_macs
    assert analyzed((4, 4, 4), {"type": "unknown"}).layers[0].product_macs is None


def test_the_convention_names_products_where_a_network_has_them():
    told = "1 MAC = 2 FLOPs; convolutions, linear layers and products of activations"
    assert analyzed((4, 4, 4), attention()).convention == told
    assert analyzed((4, None, 4), attention()).to_dict()["convention"] == told
    plain = "1 MAC = 2 FLOPs; convolutions and linear layers only"
    assert analyzed((4, 4, 4), TOKENS, {"type": "unknown"}).convention == plain


# -- refusals --------------------------------------------------------------------------------------

REFUSED = [
    ((6, 4, 4), [attention(heads=4)], "heads=4 does not divide its 6 input channels; use 1, 2, 3"),
    ((4, 4), [attention(heads=0)], "heads must be a whole number of at least 1, not 0"),
    ((4, 4), [attention(key_dim=0)], "key_dim must be a whole number of at least 1, not 0"),
    ((4, 4), [attention(window=0)], "window must be a whole number of at least 1"),
    ((4, 4, 4), [attention(window=[2, 2, 2])], "list with one per axis (h, w)"),
    ((4, 4, 4), [TOKENS, attention(window=[2, 2])], "list with one per axis (l)"),
    ((4, 9), [attention(window=3, shift=3)], "shift 3 is not below its window 3: at most 2"),
    ((4, 9), [attention(shift=1)], "shift goes with a window"),
    ((4, 9), [attention(window=3, shift=-1)], "shift must be a whole number of at least 0"),
    ((4, 9), [{"type": "flatten"}, attention()], "reads a vector of 36"),
    ((4, 2, 2), [TOKENS, {"type": "take", "index": 4}], "index 4 is not among its 4 tokens"),
    ((4, 2, 2), [TOKENS, {"type": "take", "index": [1, 5]}], "index [1, 5) is not among"),
    ((4, 2, 2), [TOKENS, {"type": "take", "index": [2, 2]}], "from below to, not [2, 2]"),
    ((4, 2, 2), [TOKENS, {"type": "take", "index": True}], "index must be the index of a token"),
    ((4, 2, 2), [{"type": "take", "index": 0}], "take reads a map of 2×2, but works on tokens"),
    ((4, 2, 2), [{"type": "prepend"}], "prepend reads a map of 2×2"),
    ((4, 2, 2), [{"type": "flatten"}, {"type": "position"}], "reads a vector of 16"),
    (
        (4, 2, 2),
        [TOKENS, {"type": "prepend"}, {"type": "untokens", "like": "input"}],
        "its 5 tokens are not the 2×2 = 4 units of 'input'",
    ),
    (
        (4, 2, 2),
        [{"type": "flatten"}, {**TOKENS, "from": "input"}, {"type": "untokens", "like": "flatten"}],
        "like 'flatten' is a vector",
    ),
    (
        (4, 2, 3),
        [TOKENS, {"type": "matmul", "from": ["tokens", "tokens"]}],
        "its inner sides differ: 4 channels of 'tokens', 6 units of 'tokens'",
    ),
    (
        (4, 2, 3),
        [
            TOKENS,
            {"type": "slice", "channels": [0, 3]},
            {"type": "matmul", "from": ["tokens", "slice"], "transpose": True},
        ],
        "its inner sides differ: 4 channels of 'tokens', 3 channels of 'slice'",
    ),
    ((4, 2, 3), [{"type": "matmul", "from": ["input", "input"]}], "are not both tokens"),
    ((4, 2, 3), [TOKENS, {"type": "matmul", "from": ["tokens"]}], "reads at least 2 layers"),
    ((4, 6), [{"type": "matmul", "from": ["input"] * 3}], "reads 2 layers, but from names 3"),
    ((4, 2, 3), [TOKENS, {"type": "add", "from": ["tokens", "input"]}], "tokens and a map do not"),
]


@pytest.mark.parametrize("shape, layers, told", REFUSED)
def test_what_is_refused_is_told_with_its_numbers(shape, layers, told):
    with pytest.raises(cnncalc.CnncalcError) as error:
        analyzed(shape, *layers)
    assert told in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_fields_are_not_relative_to_a_row():
    with pytest.raises(cnncalc.UsageError, match="'tokens': it gives tokens, not a map"):
        analyzed((4, 2, 3), TOKENS, from_layer="tokens")
