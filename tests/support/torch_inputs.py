"""PyTorch modules that read several tensors, with the shapes of these."""

import torch
from torch import nn


class Siamese(nn.Module):
    """One body on two pictures."""

    def __init__(self):
        super().__init__()
        convolutions = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, 2, 1)
        self.body = nn.Sequential(*convolutions)
        self.head = nn.Linear(8 * 32 * 32, 2)

    def forward(self, left, right):
        return self.head((self.body(left) - self.body(right)).flatten(1))


class ColourAndDepth(nn.Module):
    """A picture with its depth."""

    def __init__(self):
        super().__init__()
        self.colours = nn.Conv2d(3, 8, 7, 2, 3)
        self.depths = nn.Conv2d(1, 8, 3, 2, 1)
        self.both = nn.Conv2d(16, 4, 3, padding=1)

    def forward(self, image, depth):
        return self.both(torch.cat([self.colours(image), self.depths(depth)], 1))


class Gated(nn.Module):
    """A map whose channels a vector weighs."""

    def __init__(self):
        super().__init__()
        self.map = nn.Conv2d(3, 4, 3)
        self.vector = nn.Linear(5, 4)

    def forward(self, map, code):
        return self.map(map) * self.vector(code)[:, :, None, None]


class Film(nn.Module):
    """A map whose channels the numbers of a code weigh as they are."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3)

    def forward(self, image, code):
        return self.two(self.one(image) * code[:, :, None, None])


class Tokens(nn.Module):
    """Tokens of a text beside those of a picture."""

    def __init__(self):
        super().__init__()
        self.patches, self.words = nn.Conv2d(3, 8, 4, 4), nn.Linear(6, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, tokens, image):
        patches = self.patches(image).flatten(2).transpose(1, 2)
        return self.head(torch.cat([patches, self.words(tokens)], 1))


class Vectors(nn.Module):
    """Two vectors, each through a layer of its own."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(5, 4), nn.Linear(7, 4)

    def forward(self, one, two):
        return torch.cat([self.one(one), self.two(two)], 1)


class Joined(nn.Module):
    """Two vectors, joined at once."""

    def __init__(self):
        super().__init__()
        self.both = nn.Linear(12, 4)

    def forward(self, one, two):
        return self.both(torch.cat([one, two], 1))


SIAMESE = {"left": (3, 64, 64), "right": (3, 64, 64)}
DEPTH = {"image": (3, 64, 64), "depth": (1, 64, 64)}
CASES = {
    "Siamese": (Siamese, SIAMESE),
    "ColourAndDepth": (ColourAndDepth, DEPTH),
    "Gated": (Gated, {"map": (3, 8, 8), "code": (5,)}),
    "Film": (Film, {"image": (3, 8, 8), "code": (4,)}),
    "Tokens": (Tokens, {"tokens": (10, 6), "image": (3, 16, 16)}),
    "Vectors": (Vectors, {"one": (5,), "two": (7,)}),
    "Joined": (Joined, {"one": (5,), "two": (7,)}),
}


def macs(module, shapes):
    """What PyTorch counts, on the meta device."""
    from torch.utils.flop_counter import FlopCounterMode

    tensors = {name: torch.empty(1, *shape, device="meta") for name, shape in shapes.items()}
    with FlopCounterMode(display=False) as counter:
        module.to("meta").eval()(**tensors)
    return counter.get_total_flops() // 2
