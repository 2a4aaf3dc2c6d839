"""What torchvision and timm count: one row per convolution, linear layer or attention, and totals.

Run by hand where torch, torchvision and timm are installed:

    python tests/data/framework_rows.py

It writes framework_rows.csv and framework_totals.csv beside itself. Shapes and weights are the
frameworks' own; nothing here comes from cnncalc. Modules are built on the meta device, without
data.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib.metadata import version
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Conv2d, ConvTranspose2d, Linear, Module
    from torch.utils.flop_counter import FlopCounterMode

    CountedLayer = Conv2d | ConvTranspose2d | Linear


class Source(NamedTuple):
    """A framework's model, its options, and its input (channels, height, width)."""

    framework: str
    model: str
    input: tuple[int, int, int] = (3, 224, 224)
    options: dict[str, Any] = {}


class Row(NamedTuple):
    """One call of a convolution, linear layer or attention on one image.

    output is written as `64x112x112` or `1000`, features first;
    params are 0 where a call before had them.
    """

    network: str
    module: str
    kind: str
    output: str
    params: int
    macs: int


class Total(NamedTuple):
    """A whole network: params of all its modules, macs of its rows."""

    network: str
    input: str
    params: int
    macs: int
    source: str


SAME_NAME_IN_TORCHVISION = [
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "wide_resnet50_2",
    "densenet121",
    "densenet169",
    "densenet201",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "squeezenet1_0",
    "squeezenet1_1",
    "shufflenet_v2_x1_0",
    "efficientnet_b0",
    "convnext_tiny",
    "convnext_base",
    "regnet_y_8gf",
    "vit_b_16",
    "vit_l_16",
    "swin_t",
    "swin_b",
]

SIDE_299 = (3, 299, 299)
SIDE_384 = (3, 384, 384)
SIDE_520 = (3, 520, 520)
SIDE_800 = (3, 800, 800)
NO_WEIGHTS = {"weights_backbone": None}
ONE_HEAD = {**NO_WEIGHTS, "aux_loss": False}
BODY_OF_STRIDE_16 = {"output_stride": 16, "num_classes": 0}

SOURCES = {name: Source("torchvision", name) for name in SAME_NAME_IN_TORCHVISION} | {
    "inception_v3": Source(
        "torchvision", "inception_v3", SIDE_299, {"aux_logits": False, "init_weights": False}
    ),
    "fcn_resnet50": Source("torchvision", "fcn_resnet50", SIDE_520, ONE_HEAD),
    "deeplab_v3_resnet50": Source("torchvision", "deeplabv3_resnet50", SIDE_520, ONE_HEAD),
    "deeplab_v3_resnet101": Source("torchvision", "deeplabv3_resnet101", SIDE_520, ONE_HEAD),
    "inception_v4": Source("timm", "inception_v4", SIDE_299),
    "inception_resnet_v2": Source("timm", "inception_resnet_v2", SIDE_299),
    "xception": Source("timm", "legacy_xception", SIDE_299),
    "preresnet50": Source("timm", "resnetv2_50"),
    "se_resnet50": Source("timm", "legacy_seresnet50"),
    "senet154": Source("timm", "legacy_senet154"),
    "mobilenet_v1": Source("timm", "mobilenetv1_100"),
    "deit_s": Source("timm", "deit_small_patch16_224"),
    "efficientnet_v2_s": Source("torchvision", "efficientnet_v2_s", SIDE_384),
    "mask_rcnn_resnet50_fpn": Source("torchvision", "maskrcnn_resnet50_fpn", SIDE_800, NO_WEIGHTS),
    "retinanet_resnet50_fpn": Source("torchvision", "retinanet_resnet50_fpn", SIDE_800, NO_WEIGHTS),
    # its body alone; TensorFlow's code has the rest
    "deeplab_v3plus_xception": Source("timm", "xception65", (3, 513, 513), BODY_OF_STRIDE_16),
}

# Modules that are counted as one, with the linear layers that are their parts.
ATTENTION = ("MultiheadAttention", "ShiftedWindowAttention", "Attention")


def torchvision_models() -> Any:
    """torchvision.models, also where its compiled operators do not load: it needs them declared."""
    try:
        import torchvision
    except RuntimeError:
        import torch

        for operator in ("nms", "qnms"):
            schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define(f"torchvision::{operator}", schema)
        import torchvision
    return torchvision.models


def framework_module(network: str) -> Module:
    """The framework's module for a network, on the meta device, without weights, in eval mode."""
    import torch

    models = torchvision_models()  # timm imports torchvision too
    source = SOURCES[network]
    module: Module
    widths_are_tensors = source.model.startswith("regnet")
    with torch.device("cpu" if widths_are_tensors else "meta"):
        if source.framework == "timm":
            import timm

            module = timm.create_model(source.model, pretrained=False, **source.options)
        else:
            module = models.get_model(source.model, weights=None, **source.options)
            if is_detector(module):
                freeze_norms(module)
    return module.to("meta").eval()


def is_detector(module: Module) -> bool:
    """Whether a module is one of torchvision's detectors, which transform their images."""
    return hasattr(module, "transform")


def freeze_norms(module: Module) -> None:
    """Put in the normalization that torchvision's detectors have with their weights."""
    from torch.nn import BatchNorm2d
    from torchvision.ops.misc import FrozenBatchNorm2d

    for part in list(module.modules()):
        for name, child in part.named_children():
            if isinstance(child, BatchNorm2d):
                setattr(part, name, FrozenBatchNorm2d(child.num_features))


def run(module: Module, image: Tensor) -> None:
    """Run a module; a detector part by part, on as many regions as it keeps at most."""
    if not is_detector(module):
        module(image)
        return
    parts: Any = module
    maps = list(parts.backbone(image).values())
    if hasattr(parts, "head"):
        parts.head(maps)
        return
    parts.rpn.head(maps)
    heads = parts.roi_heads
    boxes = image.new_empty(parts.rpn.post_nms_top_n(), maps[0].shape[1], 7, 7)
    heads.box_predictor(heads.box_head(boxes))
    masks = image.new_empty(heads.detections_per_img, maps[0].shape[1], 14, 14)
    heads.mask_predictor(heads.mask_head(masks))


def counted_row(network: str, name: str, layer: CountedLayer, read: Tensor, written: Tensor) -> Row:
    """One call's row: a weight is multiplied once per output unit, transposed per input unit.

    A batch is the regions of one image.
    """
    from torch.nn import ConvTranspose2d, Linear

    shape = tuple(written.shape[1:])
    if isinstance(layer, Linear):
        kind, shape = "linear", (shape[-1], *shape[:-1])  # features are last: HWC as CHW
        units = prod(shape[1:])
    else:
        kind = "conv"
        units = prod(read.shape[2:] if isinstance(layer, ConvTranspose2d) else written.shape[2:])
    params = sum(parameter.numel() for parameter in layer.parameters())
    macs = written.shape[0] * units * layer.weight.numel()
    return Row(network, name, kind, "x".join(map(str, shape)), params, macs)


def attention_row(network: str, name: str, module: Module, written: Any, flops: int) -> Row:
    """One call's row; its FLOPs are PyTorch's count, two for a multiplication with its addition."""
    tensor = written[0] if isinstance(written, tuple) else written
    shape = (tensor.shape[-1], *tensor.shape[1:-1])
    params = sum(parameter.numel() for parameter in module.parameters())
    return Row(network, name, "attention", "x".join(map(str, shape)), params, flops // 2)


def count_calls(network: str, module: Module, rows: list[Row], counter: FlopCounterMode) -> None:
    """Have every later call of a counted layer add its row."""
    from torch.nn import Conv2d, ConvTranspose2d, Linear

    begun: list[int] = []

    def begin(layer: Any, read: Any) -> None:
        begun.append(counter.get_total_flops())

    def record(name: str) -> Any:
        def hook(layer: Any, read: tuple[Tensor], written: Any) -> None:
            if isinstance(layer, (Conv2d, ConvTranspose2d, Linear)):
                row = counted_row(network, name, layer, read[0], written)
            else:
                flops = counter.get_total_flops() - begun.pop()
                row = attention_row(network, name, layer, written, flops)
            again = any(name == before.module for before in rows)
            rows.append(row._replace(params=0) if again else row)

        return hook

    whole = "no attention yet"
    for name, layer in module.named_modules():
        if type(layer).__name__ in ATTENTION:
            whole = f"{name}."
            layer.register_forward_pre_hook(begin)
            layer.register_forward_hook(record(name))
        elif isinstance(layer, (Conv2d, ConvTranspose2d, Linear)) and not name.startswith(whole):
            layer.register_forward_hook(record(name))


def module_rows(network: str, module: Module) -> list[Row]:
    """The rows of one forward pass, in call order; attention as its products without a kernel."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    rows: list[Row] = []
    counter = FlopCounterMode(display=False)
    count_calls(network, module, rows, counter)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        run(module, torch.empty(1, *SOURCES[network].input, device="meta"))
    return rows


def framework_rows(network: str) -> list[Row]:
    """The rows of a network in SOURCES, counted now by the framework that is installed."""
    return module_rows(network, framework_module(network))


def framework_total(network: str, module: Module, rows: list[Row]) -> Total:
    """The totals of a network: all parameters (norms and layer scales included), the rows' macs."""
    source = SOURCES[network]
    release = version(source.framework).partition("+")[0]
    params = sum(parameter.numel() for parameter in module.parameters())
    shape = "x".join(map(str, source.input))
    return Total(
        network,
        shape,
        params,
        sum(row.macs for row in rows),
        f"{source.framework} {release} {source.model}",
    )


def write_csv(path: Path, header: tuple[str, ...], records: Iterable[tuple[Any, ...]]) -> None:
    """Write records under a header, lines ending in a plain newline."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(records)


def main() -> None:
    """Write both tables beside this script."""
    rows: list[Row] = []
    totals: list[Total] = []
    for network in SOURCES:
        module = framework_module(network)
        own_rows = module_rows(network, module)
        rows += own_rows
        totals.append(framework_total(network, module, own_rows))
    folder = Path(__file__).parent
    write_csv(folder / "framework_rows.csv", Row._fields, rows)
    write_csv(folder / "framework_totals.csv", Total._fields, totals)


if __name__ == "__main__":
    main()
