"""A module is read alike by what it calls when it runs and by what torch.export traces of it."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path

import pytest

import cnncalc

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs torch")
from torch_constructs import CONSTRUCTS  # noqa: E402
from torch_modules import MODULES  # noqa: E402

from cnncalc.readers.pytorch.program import export  # noqa: E402
from cnncalc.readers.pytorch.reading import definition_by  # noqa: E402
from cnncalc.readers.pytorch.recording import Tensors, Unrecordable, record  # noqa: E402
from cnncalc.readers.source import Source  # noqa: E402

nn = torch.nn
needs_models = pytest.mark.skipif(
    not (find_spec("torchvision") and find_spec("timm")), reason="their models are read"
)
DATA = Path(__file__).parent.parent / "data"

# Side of the square that a model is read on: as small as its poolings allow.
TORCHVISION = {
    **dict.fromkeys(("alexnet", "squeezenet1_1", "googlenet"), 64),
    **dict.fromkeys(("vgg11_bn", "resnet18", "resnext50_32x4d", "densenet121"), 32),
    **dict.fromkeys(("mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5"), 32),
    **dict.fromkeys(
        ("efficientnet_b0", "efficientnet_v2_s", "regnet_y_400mf", "convnext_tiny"), 32
    ),
    **dict.fromkeys(("swin_t", "swin_v2_t", "fcn_resnet50", "lraspp_mobilenet_v3_large"), 64),
    **dict.fromkeys(("vit_b_16", "maxvit_t"), 224),
    **dict.fromkeys(("inception_v3", "deeplabv3_mobilenet_v3_large"), 96),
}
TIMM = {
    **dict.fromkeys(("resnet18", "resnest14d", "efficientnet_lite0", "mobilenetv3_small_050"), 64),
    **dict.fromkeys(("densenet121", "vgg11", "regnetx_002", "convnext_atto", "xception41"), 64),
    **dict.fromkeys(("dla34", "hrnet_w18_small", "repvgg_a0", "ghostnet_050", "dpn48b"), 64),
    **dict.fromkeys(("cspresnet50", "tf_efficientnet_b0", "mixnet_s", "selecsls42"), 64),
    **dict.fromkeys(("vit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "mixer_s32_224"), 224),
}
# They keep tensors that they made, or read some that no operator made.
EXPORTED = ("lstm", "picked")


def both(module, shape):
    """The definitions that a module has in either way."""
    return [
        definition_by(way, module, {"input": shape}, Source("net"), "net")
        for way in (record, export)
    ]


@needs_models
@pytest.mark.parametrize("name", TORCHVISION)
def test_models_of_torchvision(name, monkeypatch):
    monkeypatch.syspath_prepend(str(DATA))
    from framework_rows import torchvision_models

    models = torchvision_models()
    is_segmentation = "segmentation" in models.get_model_builder(name).__module__
    options = {"weights_backbone": None} if is_segmentation else {}
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        module = models.get_model(name, weights=None, **options)
    recorded, exported = both(module, (3, TORCHVISION[name], TORCHVISION[name]))
    assert recorded == exported


@needs_models
@pytest.mark.parametrize("name", TIMM)
def test_models_of_timm(name, monkeypatch):
    monkeypatch.syspath_prepend(str(DATA))
    from framework_rows import torchvision_models

    torchvision_models()
    import timm

    with torch.device("meta"):
        module = timm.create_model(name)
    recorded, exported = both(module, (3, TIMM[name], TIMM[name]))
    assert recorded == exported


@pytest.mark.parametrize("name", [*MODULES, *(one for one in CONSTRUCTS if one not in EXPORTED)])
def test_modules_in_every_manner(name):
    module, shape, *_ = MODULES.get(name) or CONSTRUCTS[name]
    recorded, exported = both(module, shape)
    assert recorded == exported


class Talkative(nn.Module):
    """Says what it does, and changes as it is told."""

    def __init__(self, change=None):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.change = change
        self.runs, self.seen = 0, []

    def forward(self, x):
        print("printed")
        logging.getLogger("mine").warning("logged")
        if self.change:
            self.change(self)
        return self.conv(x)


CHANGES = {
    "nothing": None,
    "a number": lambda module: setattr(module, "runs", module.runs + 1),
    "a list": lambda module: module.seen.append(1),
    "a part's mode": lambda module: module.conv.train(),
    "a hook": lambda module: module.conv.register_forward_hook(print),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_a_module_is_as_it_was(name, device):
    """Recorded, or left as it was: whether it can be exported then is PyTorch's matter."""
    module = Talkative(CHANGES[name]).to(device)
    own = [dict(vars(part)) for part in module.modules()]
    inner = [
        {key: list(held) for key, held in one.items() if hasattr(held, "__len__")} for one in own
    ]
    tensors = [(id(one), one.device.type, one.requires_grad) for one in module.parameters()]
    call = nn.Module._call_impl
    if CHANGES[name]:
        with pytest.raises(Unrecordable):
            definition_by(record, module, {"input": (3, 5, 5)}, Source("net"), "net")
    else:
        definition_by(record, module, {"input": (3, 5, 5)}, Source("net"), "net")
    assert [vars(part) for part in module.modules()] == own
    assert [
        {key: list(held) for key, held in vars(part).items() if hasattr(held, "__len__")}
        for part in module.modules()
    ] == inner
    assert tensors == [(id(one), one.device.type, one.requires_grad) for one in module.parameters()]
    assert nn.Module._call_impl is call and not torch.compiler.is_compiling()


@pytest.mark.parametrize("name", ["nothing", "a number"])
def test_what_a_module_says_is_told_once(name, capsys, caplog):
    cnncalc.from_torch(Talkative(CHANGES[name]), (3, 5, 5))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "printed\n")
    assert [one.message for one in caplog.records if one.name == "mine"] == ["logged"]


class Data(nn.Module):
    """Goes around what PyTorch takes note of."""

    def forward(self, x):
        return x.relu().data * 2


class Catching(nn.Module):
    """Catches whatever fails, and goes on without it."""

    def forward(self, x):
        try:
            return x.relu().data * 2
        except Exception:
            return x


class Kept(nn.Module):
    """Keeps what it computed, as no export may."""

    def forward(self, x):
        self.last = x.relu()
        return self.last


@pytest.mark.parametrize("cls", [Data, Catching])
def test_what_no_operator_made_is_not_taken_for_a_constant(cls):
    with pytest.raises(Unrecordable):
        record(cls(), {"input": (3, 4, 4)}, None)


def test_what_is_computed_is_not_kept():
    module = Kept()
    with pytest.raises(Unrecordable):
        record(module, {"input": (3, 4, 4)}, None)
    assert not hasattr(module, "last")


class SameObject(nn.Module):
    """What gives its input back is another tensor of the program, and may be written over."""

    def __init__(self):
        super().__init__()
        self.drop, self.conv = nn.Dropout(0.5), nn.Conv2d(3, 3, 1)

    def forward(self, x):
        x = self.conv(x)
        return self.drop(x) + x + x.contiguous().add_(1)


class Numbers(nn.Module):
    """Arguments that are equal as numbers, and not of one type."""

    def forward(self, x):
        places = [torch.arange(start, device=x.device) for start in (4, 4.0)]
        assert [one.dtype for one in places] == [torch.int64, torch.float32]
        return x + places[1] + places[0]


class Constants(nn.Module):
    """A tensor of numbers that are written down, and one that is no buffer."""

    def __init__(self):
        super().__init__()
        self.conv, self.factors = nn.Conv2d(3, 3, 1), torch.ones(3, 1, 1)

    def forward(self, x):
        return self.conv(x) * torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1) * self.factors


class Hooked(nn.Module):
    """A convolution called twice, before and after which hooks compute."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.conv.register_forward_pre_hook(lambda _, given: (given[0].relu(),))
        self.conv.register_forward_hook(lambda _, __, given: given.sigmoid())

    def forward(self, x):
        x.relu_()
        with torch.no_grad():
            y = self.conv(x)
        return y + self.conv(x)[:, :, 1:-1, 1:-1].sum((2, 3), keepdim=True)


class Outputs(nn.Module):
    """Gives several tensors, and what is none."""

    def forward(self, x):
        return {"a": x.relu(), "b": [x.sigmoid(), None], "c": 3}


@pytest.mark.parametrize("cls", [SameObject, Numbers, Constants, Hooked, Outputs])
def test_small_things(cls):
    recorded, exported = both(cls(), (3, 4, 4))
    assert recorded == exported


def test_tensor_is_not_known_by_the_id_of_another() -> None:
    """An id is given again once its tensor is gone: nothing of that one is known of the next."""
    tensors, gone, kept, later = Tensors(), torch.empty(1), torch.empty(1), torch.empty(1)
    tensors[gone], tensors[kept] = "gone", "kept"
    entries = tensors.known.pop(id(gone)), tensors.known[id(kept)]
    del gone
    for entry in entries:
        tensors.known[id(later)] = entry
        assert later not in tensors
    assert kept in tensors and tensors[kept] == "kept"
