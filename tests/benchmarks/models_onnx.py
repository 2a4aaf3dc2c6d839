"""Models of torchvision and timm as ONNX files against PyTorch: parameters, MACs, output shape.

    python tests/benchmarks/models_onnx.py families timm:vit_tiny_patch16_224/tracing -o models.csv

`families` stands for the models below, by both of PyTorch's exporters: `tracing`, and `export` by
torch.export; some of them quantized by onnxruntime: `dynamic` to integers, `static` with nodes that
quantize and dequantize. Exporters leave constants as they are, so that parameters are PyTorch's.
Files are kept in the folder that ONNX_MODELS names, where it names one.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from math import prod
from pathlib import Path
from typing import Any

from models import COLUMNS, Row, module_of, sweep, truth, verdicts

TORCHVISION = (
    *("alexnet", "vgg11", "squeezenet1_1", "resnet18", "densenet121", "googlenet", "inception_v3"),
    *("mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5", "efficientnet_b0"),
    *("regnet_y_400mf", "convnext_tiny", "swin_t", "swin_v2_t", "vit_b_16", "maxvit_t"),
    *("lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "fcn_resnet50", "r2plus1d_18"),
)
TIMM = (
    *("beit_base_patch16_224", "botnet26t_256", "eca_halonext26ts", "eca_resnext26ts"),
    *("cait_xs24_384", "coat_lite_tiny", "convit_tiny", "convmixer_768_32", "convnext_atto"),
    *("crossvit_9_240", "cs3darknet_s", "davit_tiny", "deit_tiny_patch16_224", "densenetblur121d"),
    *("dla46_c", "dpn48b", "edgenext_xx_small", "efficientformer_l1", "efficientformerv2_s0"),
    *("efficientvit_b0", "efficientvit_m0", "eva02_tiny_patch14_224", "fasternet_t0"),
    *("fastvit_t8", "focalnet_tiny_srf", "gcvit_xxtiny", "ghostnet_050", "hgnetv2_b0"),
    *("hiera_tiny_224", "hrnet_w18_small", "inception_next_atto", "lcnet_050", "levit_128s"),
    *("mambaout_femto", "coatnet_nano_rw_224", "poolformer_s12", "mixer_s16_224", "gmlp_ti16_224"),
    *("mobilenetv4_conv_small", "mobilevit_xxs", "mobilevitv2_050", "mvitv2_tiny", "nest_tiny"),
    *("nf_resnet26", "pit_ti_224", "pvt_v2_b0", "regnetx_002", "repghostnet_050", "repvit_m1"),
    *("res2net50_14w_8s", "resnest14d", "ecaresnet26t", "resnetv2_18", "rexnet_100", "selecsls42"),
    *("sequencer2d_s", "shvit_s1", "skresnet18", "starnet_s050", "swiftformer_xs"),
    *("swin_tiny_patch4_window7_224", "swinv2_tiny_window8_256", "tiny_vit_5m_224"),
    *("tnt_s_patch16_224", "tresnet_m", "twins_svt_small", "visformer_tiny"),
    *("vit_tiny_patch16_224", "vit_relpos_small_patch16_224", "volo_d1_224", "ese_vovnet19b_slim"),
    *("xception41", "xcit_nano_12_p16_224"),
)
QUANTIZED = (
    *("torchvision:resnet18", "torchvision:mobilenet_v2", "torchvision:googlenet"),
    *("timm:vit_tiny_patch16_224", "timm:convnext_atto", "timm:mobilenetv4_conv_small"),
)
EXPORTERS, QUANTIZERS = ("tracing", "export"), ("dynamic", "static")
TOLD = ("running_", "attn_mask")
OPSET = {"tracing": 17, "export": 18}


def names_of(asked: str) -> Iterator[str]:
    """The models that an argument stands for, each with how it is exported."""
    if asked != "families":
        yield asked
        return
    models = [f"torchvision:{name}" for name in TORCHVISION] + [f"timm:{name}" for name in TIMM]
    yield from (f"{model}/{exporter}" for model in models for exporter in EXPORTERS)
    yield from (f"{model}/{quantizer}" for model in QUANTIZED for quantizer in QUANTIZERS)


def write(model: str, exporter: str, path: Path) -> None:
    """Export a model, its weights those that it starts with, but none one number repeated."""
    import torch

    module, shape = module_of(model, device="cpu")
    for numbers in module.parameters():
        if numbers.dim() and bool((numbers == numbers.flatten()[0]).all()):
            torch.nn.init.uniform_(numbers.data, 0.5, 1.5)
    options: Row = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}
    if exporter == "export":
        options = {"optimize": False, "external_data": False}
    torch.onnx.export(
        module,
        (torch.zeros(1, *shape),),
        path,
        dynamo=exporter == "export",
        opset_version=OPSET[exporter],
        **options,
    )


def quantize(path: Path, quantizer: str, target: Path, shape: tuple[int, ...]) -> None:
    """Write a file's model with integers, by onnxruntime."""
    import numpy
    from onnxruntime import quantization

    class Samples(quantization.CalibrationDataReader):  # type: ignore[misc]
        """Two inputs, for the ranges of activations."""

        def __init__(self, name: str) -> None:
            generator = numpy.random.default_rng(0)
            samples = [generator.random((1, *shape), numpy.float32) for _ in range(2)]
            self.left = iter([{name: sample} for sample in samples])

        def get_next(self) -> Row | None:
            return next(self.left, None)

    if quantizer == "dynamic":
        quantization.quantize_dynamic(path, target)
    else:
        import onnx

        name = onnx.load(path, load_external_data=False).graph.input[0].name
        quantization.quantize_static(path, target, Samples(name))


def file_of(name: str, folder: Path) -> Path:
    """The file of a model by an exporter or quantizer, written if it is not there."""
    model, _, exporter = name.rpartition("/")
    path = folder / f"{name.replace(':', '_').replace('/', '_')}.onnx"
    if path.exists():
        return path
    written = path.with_suffix(".part")
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        if exporter in QUANTIZERS:
            source = file_of(f"{model}/{EXPORTERS[0]}", folder)
            quantize(source, exporter, written, module_of(model)[1])
        else:
            write(model, exporter, written)
    written.rename(path)
    return path


def stored_params(module: Any, shape: tuple[int, ...], path: Path) -> int:
    """Numbers that a file stores of a model, by PyTorch: parameters that take part, and buffers.

    A file tells no buffer of constants from parameters; running statistics are told by their norm,
    masks of attention by their shape.
    """
    import onnx
    import torch

    for numbers in module.parameters():
        numbers.requires_grad_(True)
    output = module(torch.empty(1, *shape, device="meta"))
    given = [one for one in torch.utils._pytree.tree_leaves(output) if one.requires_grad]
    sum(one.sum() for one in given).backward()  # type: ignore[union-attr]
    graph = onnx.load(path, load_external_data=False).graph
    own = {name for name, _ in module.named_parameters()}
    tensors = [one for one in graph.initializer if one.name not in own]
    tensors += [one.attribute[0].t for one in graph.node if one.op_type == "Constant"]
    stored = Counter(prod(one.dims) for one in tensors if one.data_type == onnx.TensorProto.FLOAT)
    params = sum(one.numel() for one in module.parameters() if one.grad is not None)
    buffers = 0
    for key, one in module.named_buffers():
        learned = one.is_floating_point() and one.dim() and not any(word in key for word in TOLD)
        if learned and stored[one.numel()]:
            stored[one.numel()] -= 1
            buffers += one.numel()
    return params + buffers


def row_of(name: str) -> Row:
    """What cnncalc says of a file beside what PyTorch says of its model, or why it says nothing."""
    import cnncalc

    warnings.simplefilter("ignore")
    row: Row = dict.fromkeys(COLUMNS, "") | {"model": name}
    with tempfile.TemporaryDirectory() as temporary:
        try:
            module, shape = module_of(name.rpartition("/")[0])
            _, macs, shapes = truth(module, shape)
            path = file_of(name, Path(os.environ.get("ONNX_MODELS", temporary)))
            params = stored_params(module, shape, path)
        except Exception as error:
            told = (str(error).strip().splitlines() or [""])[0].partition("\x1b")[0][:120]
            return row | {"reason": f"exporter: {type(error).__name__}: {told}"}
        try:
            return row | verdicts(cnncalc.load(path), params, macs, shapes)
        except cnncalc.CnncalcError as error:
            return row | {"reason": f"refused: {str(error).replace(str(path), path.name)}"}


if __name__ == "__main__":
    sweep(__doc__.splitlines()[0], row_of, names_of)
