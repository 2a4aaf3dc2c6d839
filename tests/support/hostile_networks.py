"""Seeded small networks of one kind each, with attributes at their ends and names that hurt.

`hostile(kind, seed)` is a description that need not be valid: the caller drops what is refused.
"""

import random

WORDS = [
    *("f", "F", "None", "True", "scale", "self", "x", "out", "torch", "nn", "super", "float"),
    *("torchvision", "OrderedDict", "range", "pixel_shuffle", "space_to_depth", "Scale", "net"),
    *("RegionPool", "keras", "layers", "build", "inputs", "class", "lambda", "int", "print", "len"),
    *("forward", "__init__", "__class__", "_modules", "training", "T", "weight", "bias", "region"),
    *("layer_scale", "local_response_normalization", "aligned_resizing", "regions", "x2", "sum"),
    *("list", "tuple", "zip", "max", "enumerate", "match", "type", "object", "_", "__", "__a__"),
    *("x_pad", "x_flatten", "input_2", "batch", "integers_0_m1", "numbers_0.0", "a/indices"),
    *("_parameters", "_buffers", "_version", "dump_patches", "__dict__", "__call__", "_apply"),
]
SIGNS = [
    *('a"b', "it's", "a\\", "{0}", "{", "}}", "a,b", "(", "a)b]", "[[[", "#", "# no", "%s", "$x"),
    *(
        "größe",
        "名前",
        "ſ",
        "ª",
        "²",
        "a b",
        "tab\tb",
        "line\nbreak",
        "\r",
        "\x00",
        "\x7f",
        "\u2028",
    ),
    *(
        '"""',
        "'''",
        "\\N{DASH}",
        "0",
        "1",
        "-1",
        "3x3/s2",
        "a:b",
        "😀",
        "\ufeff",
        "a=1",
        "*",
        "x" * 300,
    ),
    *("deep" + ".a" * 60, "0.0.0", "0.a", "a.0", "a.0.b", "self.x", "x.x.x", "forward.forward"),
    *("long(" * 30, "branch, (" * 20 + "]", "], " * 40, '", "' * 40, "a[b](c) " * 15, "/" * 120),
]


def name_of(rng):
    """A name that is hard to write."""
    draw = rng.random()
    if draw < 0.45:
        return rng.choice(WORDS)
    if draw < 0.85:
        return rng.choice(SIGNS)
    return rng.choice((".", "", " ", "_")).join(rng.choice(WORDS + SIGNS) for _ in range(3))


def names_of(rng, count):
    """Names that a definition takes, each once."""
    names = []
    while len(names) < count:
        name = name_of(rng)
        parts = name.split(".")
        if name not in ("input", *names) and all(parts):
            names.append(name)
    return names


def each(rng, axes, *numbers):
    """One number for all axes, or one per axis."""
    if rng.random() < 0.5:
        return rng.choice(numbers)
    return [rng.choice(numbers) for _ in range(axes)]


def pairs(rng, axes, *numbers):
    """Padding: a number, one per axis, or sides that differ."""
    if rng.random() < 0.6:
        return each(rng, axes, *numbers)
    return [[rng.choice(numbers), rng.choice(numbers)] for _ in range(axes)]


def number(rng):
    """A number that changes no figure: exact, or text as other tools write it."""
    return rng.choice((0, 1, 2, "1e-1", "1e-05", "1E2", "-.5", 0.25, -1, "1e+1", "0.1"))


def window(rng, axes, words=True):
    """A window's attributes."""
    values = {"kernel_size": each(rng, axes, 1, 2, 3, 5, 11), "stride": each(rng, axes, 1, 2, 4, 9)}
    if rng.random() < 0.7:
        padding = pairs(rng, axes, 0, 1, 3, 6)
        by_word = words and rng.random() < 0.4
        values["padding"] = rng.choice(("same", "same_lower", "valid")) if by_word else padding
    return values


def sliding(rng, axes, shape):
    """A convolution's attributes but its channels."""
    values = window(rng, axes)
    values["dilation"] = each(rng, axes, 1, 1, 2, 5)
    values["bias"] = rng.random() < 0.5
    return values


def conv(rng, axes, shape):
    groups = rng.choice((1, shape[0]))
    return {
        **sliding(rng, axes, shape),
        "out_channels": groups * rng.choice((1, 3)),
        "groups": groups,
    }


def conv_transpose(rng, axes, shape):
    extra = {"output_padding": each(rng, axes, 0, 1, 3)} if rng.random() < 0.4 else {}
    return {**conv(rng, axes, shape), **extra}


def depthwise_conv(rng, axes, shape):
    return {**sliding(rng, axes, shape), "multiplier": rng.choice((1, 2, 5))}


def max_pool(rng, axes, shape):
    values = {**window(rng, axes), "dilation": each(rng, axes, 1, 1, 2, 3)}
    return {**values, "ceil_mode": rng.choice((False, True, "caffe"))}


def avg_pool(rng, axes, shape):
    values = {**window(rng, axes), "ceil_mode": rng.choice((False, True, "caffe"))}
    return {**values, "count_include_pad": rng.choice((True, False))}


def adaptive(rng, axes, shape):
    return {"output_size": each(rng, axes, 1, 2, 7, None)}


def sampled_regions(rng, axes, shape):
    sampling = {"sampling_ratio": rng.choice((-1, 0, 2)), "aligned": rng.choice((True, False))}
    return {**regions(rng, axes, shape), **sampling}


def regions(rng, axes, shape):
    scale = rng.choice((1, 0.0625, "1e-1", "6.25e-2"))
    return {
        "output_size": each(rng, axes, 1, 2, 7),
        "regions": rng.choice((1, 5)),
        "spatial_scale": scale,
    }


def upsample(rng, axes, shape):
    mode = rng.choice(("nearest", "bilinear", "linear", "trilinear", "bicubic"))
    values = {"mode": mode, "align_corners": rng.random() < 0.3}
    ways = [
        {"scale_factor": each(rng, axes, 0.5, 1, 1.5, 2, 0.3, 3)},
        {"size": each(rng, axes, 1, 2, 9)},
    ]
    return {**values, **rng.choice([*ways, {"like": "FIRST"}])}


def pad(rng, axes, shape):
    modes = ("constant", "reflect", "replicate", "edge", "circular", "wrap", "symmetric", "odd")
    values = {"padding": pairs(rng, axes, 0, 1, 2, 6), "mode": rng.choice(modes)}
    return {**values, "value": number(rng)} if rng.random() < 0.5 else values


def crop(rng, axes, shape):
    if rng.random() < 0.3:
        return {"like": "FIRST", "offset": 0}
    return {"amount": pairs(rng, axes, 0, 1, 3)}


def norm(rng, axes, shape):
    values = {"affine": rng.random() < 0.5, "eps": number(rng)}
    return {k: v for k, v in values.items() if rng.random() < 0.6}


def running(rng, axes, shape):
    values = {"momentum": number(rng), "track_running_stats": rng.random() < 0.5}
    return {**norm(rng, axes, shape), **{k: v for k, v in values.items() if rng.random() < 0.6}}


def lrn(rng, axes, shape):
    values = {
        "alpha": number(rng),
        "beta": number(rng),
        "k": number(rng),
        "size": rng.choice((1, 2, 5, 9, "5")),
    }
    return {k: v for k, v in values.items() if rng.random() < 0.6}


def attention(rng, axes, shape):
    values = {"heads": rng.choice((1, 2)), "qkv_bias": rng.random() < 0.5, "bias": True}
    values["position_bias"] = rng.random() < 0.5
    if rng.random() < 0.3:
        values["key_dim"] = rng.choice((1, 3))
    if rng.random() < 0.6:
        values["window"] = each(rng, axes, 1, 2, 3, 10)
        values["shift"] = rng.choice((0, each(rng, axes, 0, 1)))
    return values


def reshape(rng, axes, shape):
    total = 1
    for size in shape:
        total *= size
    return {
        "shape": rng.choice(
            ([total], [-1], [1] * axes + [total], [total] + [1] * axes, list(shape))
        )
    }


def channels(rng, axes, shape):
    first = rng.randrange(shape[0])
    return {"channels": [first, rng.randint(first + 1, shape[0])]}


def fixed(**choices):
    """Attributes drawn each from its own list, at times left out."""

    def draw(rng, axes, shape):
        return {k: rng.choice(v) for k, v in choices.items() if k in NEEDED or rng.random() < 0.7}

    return draw


NEEDED = ("operator", "factor", "num_groups", "groups", "out_features")
NUMBERS = (0, 1, 0.25, "1e-1", "2e-1", "1E-2")
ATTRIBUTES = {
    "conv": conv,
    "depthwise_conv": depthwise_conv,
    "conv_transpose": conv_transpose,
    "window": lambda rng, axes, shape: window(rng, axes),
    "linear": fixed(out_features=(1, 7), bias=(True, False)),
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "adaptive_avg_pool": adaptive,
    "adaptive_max_pool": adaptive,
    "max_unpool": lambda rng, axes, shape: {"pool": "FIRST"},
    "roi_pool": regions,
    "roi_align": sampled_regions,
    "upsample": upsample,
    "pad": pad,
    "crop": crop,
    "pixel_shuffle": fixed(factor=(1, 2)),
    "space_to_depth": fixed(factor=(1, 2, 3)),
    "batch_norm": running,
    "instance_norm": running,
    "group_norm": lambda rng, axes, shape: {
        **norm(rng, axes, shape),
        "num_groups": rng.choice((1, 2, shape[0])),
    },
    "layer_norm": norm,
    "scale": fixed(bias=(True, False)),
    "lrn": lrn,
    "dropout": fixed(p=NUMBERS, inplace=(True, "yes")),
    "leaky_relu": fixed(negative_slope=NUMBERS),
    "elu": fixed(alpha=NUMBERS),
    "gelu": fixed(approximate=("none", "tanh")),
    "softmax": fixed(dim=(1, -1, 2, "1"), axis=(1, -1)),
    "log_softmax": fixed(dim=(1, -1, 2)),
    "prelu": fixed(per_channel=(True, False), init=NUMBERS),
    "function": fixed(
        operator=("exp", "selu", "celu", "softplus", "Power", "Erf", "log\n# no", "x" * 120, 3)
    ),
    "slice": channels,
    "channel_shuffle": fixed(groups=(1, 2, 4)),
    "reshape": reshape,
    "unknown": fixed(operator=("NMS", "line\nbreak")),
    "attention": attention,
    "prepend": fixed(count=(1, 3)),
    "take": lambda rng, axes, shape: {"index": rng.choice((0, 1, [0, 2], [1, 3], [0, 1]))},
    "untokens": lambda rng, axes, shape: {"like": "FIRST"},
    "matmul": fixed(transpose=(True, False)),
}
MERGES = ("add", "mul", "maximum", "concat", "matmul")
OF_TOKENS = ("prepend", "take", "untokens", "matmul")


def hostile(kind, seed):
    """A description of a network that ends in a layer of the kind, and at times one more."""
    rng = random.Random(f"{kind} {seed}")
    axes = rng.choice((1, 2, 2, 2, 3))
    shape = [rng.choice((1, 2, 4, 8)), *[rng.choice((1, 2, 3, 4, 7, 9)) for _ in range(axes)]]
    if rng.random() < 0.5:
        shape[1:] = [shape[1]] * axes
    network, first, last, more = names_of(rng, 4)
    first_layer = {
        "name": first,
        "type": rng.choice(("relu", "conv", "scale", "dropout", "max_pool")),
    }
    if first_layer["type"] == "conv":
        first_layer.update(out_channels=shape[0], kernel_size=1)
    if first_layer["type"] == "max_pool" or kind == "max_unpool":
        first_layer["type"] = "max_pool"
        first_layer.update(
            max_pool(rng, axes, shape) if kind == "max_unpool" else {"kernel_size": 1}
        )
    draw = ATTRIBUTES.get(kind, lambda rng, axes, shape: {})
    attributes = {k: first if v == "FIRST" else v for k, v in draw(rng, axes, shape).items()}
    layers = [first_layer]
    if rng.random() < 0.15 and kind != "max_unpool":
        layers.append({"name": "flat", "type": "flatten"})
    if kind in OF_TOKENS or (kind in ("attention", "position") and rng.random() < 0.3):
        first = "row"
        layers.append({"name": first, "type": "tokens"})
    layer = {"name": last, "type": kind, **attributes}
    if kind in MERGES:
        layer["from"] = rng.choice(
            ([first, "input"], [first, "input", first], [first, first], [first])
            if kind != "matmul"
            else ([first, first], [first, "input"])
        )
    layers.append(layer)
    if rng.random() < 0.4:
        layers.append({"name": more, "type": "relu", "from": rng.choice((first, last))})
    return {"name": network, "input": shape, "layers": layers}
