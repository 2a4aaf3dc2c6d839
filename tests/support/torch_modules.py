"""PyTorch modules in every manner that networks are written in, for the reader to read.

Each gives an input shape (channels, *axes); what they compute is never looked at, only what PyTorch
counts and which shapes it gives.
"""

import pytest

torch = pytest.importorskip("torch", reason="reading PyTorch modules needs PyTorch")
nn, functional = torch.nn, torch.nn.functional


class Gate(nn.Module):
    """Squeeze-and-excitation with linear layers, its vector viewed and expanded to a map."""

    def __init__(self, channels=8):
        super().__init__()
        self.fc1 = nn.Linear(channels, 2)
        self.fc2 = nn.Linear(2, channels)

    def forward(self, x):
        y = functional.adaptive_avg_pool2d(x, 1).view(x.size(0), -1)
        y = torch.sigmoid(self.fc2(functional.relu(self.fc1(y))))
        return x * y.view(x.size(0), -1, 1, 1).expand_as(x)


class ConvNeXtBlock(nn.Module):
    """Channels last between the depthwise convolution and the sum, with a layer scale."""

    def __init__(self, width=8):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x):
        y = self.dwconv(x).permute(0, 2, 3, 1)
        y = self.pwconv2(functional.gelu(self.pwconv1(self.norm(y))))
        return x + (self.gamma * y).permute(0, 3, 1, 2)


class ShuffleUnit(nn.Module):
    """Half of the channels pass by; both halves are shuffled by a view."""

    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.bn = nn.BatchNorm2d(width)

    def forward(self, x):
        x1, x2 = x.chunk(2, dim=1)
        x = torch.cat((x1, functional.relu(self.bn(self.conv(x2)))), dim=1)
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)


class SamePadded(nn.Conv2d):
    """A convolution that pads like TensorFlow before it convolves."""

    def forward(self, x):
        return functional.conv2d(
            functional.pad(x, (0, 1, 0, 1)), self.weight, self.bias, self.stride
        )


class Focus(nn.Module):
    """Every second pixel in four maps, as YOLOv5 has it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(12, 4, 3, padding=1)

    def forward(self, x):
        a, b = x[..., ::2, ::2], x[..., 1::2, ::2]
        c, d = x[..., ::2, 1::2], x[..., 1::2, 1::2]
        return self.conv(torch.cat([a, b, c, d], 1))


class Views(nn.Module):
    """A pixel shuffle and its inverse, made of views."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(2, 4, 3, padding=1)
        self.conv3 = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        x = self.conv1(x)
        n, _, h, w = x.shape
        x = x.view(n, 2, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, 2, 2 * h, 2 * w)
        x = self.conv2(x)
        x = x.view(n, 4, h, 2, w, 2).permute(0, 1, 3, 5, 2, 4).reshape(n, 16, h, w)
        return self.conv3(x)


class Tokens(nn.Module):
    """A map flattened into tokens, which are linear layers' rows, and back."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(6)
        self.fc = nn.Linear(6, 10)
        self.conv = nn.Conv2d(10, 4, 1)

    def forward(self, x):
        n, _, h, w = x.shape
        y = self.fc(self.norm(x.flatten(2).transpose(1, 2)))
        return self.conv(y.transpose(1, 2).reshape(n, 10, h, w))


class Split(nn.Module):
    """Two branches stacked and added up by their weights, as split attention does."""

    def __init__(self):
        super().__init__()
        self.left = nn.Conv2d(4, 4, 3, padding=1)
        self.right = nn.Conv2d(4, 4, 3, padding=2, dilation=2)
        self.attend = nn.Conv2d(4, 8, 1)

    def forward(self, x):
        branches = torch.stack([self.left(x), self.right(x)], dim=1)
        weights = self.attend(branches.sum(1).mean((2, 3), keepdim=True))
        return (branches * weights.view(x.size(0), 2, 4, 1, 1).softmax(dim=1)).sum(1)


class Pyramid(nn.Module):
    """Sizes of other maps asked for, and a pooled map spread over a larger one."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 6, 3, stride=2)
        self.side = nn.ConvTranspose2d(6, 3, 4, stride=2, padding=1)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(6, 2, 1))
        self.head = nn.Conv2d(14, 5, 1)

    def forward(self, x):
        y = self.down(x)
        up = functional.interpolate(y, size=x.shape[2:], mode="bilinear", align_corners=False)
        side = self.side(y)[:, :, : x.shape[2], : x.shape[3]]
        side = functional.pad(side, (0, x.shape[3] - side.shape[3], 0, x.shape[2] - side.shape[2]))
        pooled = self.pool(y).expand(-1, -1, *x.shape[2:])
        return self.head(torch.cat([x, up, side, pooled], dim=1))


class Unpooling(nn.Module):
    """A pool, its indices, and the unpooling."""

    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.unpool = nn.MaxUnpool2d(2)

    def forward(self, x):
        y, indices = self.pool(x)
        return self.unpool(self.conv(y), indices, output_size=x.shape)


class Norms(nn.Module):
    """Every normalization, with and without weights, and learned slopes."""

    def __init__(self):
        super().__init__()
        self.parts = nn.Sequential(
            nn.BatchNorm2d(8),
            nn.BatchNorm2d(8, affine=False, track_running_stats=False),
            nn.GroupNorm(4, 8),
            nn.InstanceNorm2d(8),
            nn.InstanceNorm2d(8, affine=True, track_running_stats=True),
            nn.LocalResponseNorm(5),
            nn.PReLU(),
            nn.PReLU(8),
        )
        self.plain = nn.LayerNorm((8, 6, 6), elementwise_affine=False)
        self.unbiased = nn.LayerNorm(8, bias=False)

    def forward(self, x):
        x = functional.normalize(self.plain(self.parts(x)))
        return self.unbiased(x.movedim(1, -1)).movedim(-1, 1)


class Branches(nn.Module):
    """One linear and one convolution, used on several maps."""

    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.predict = nn.Conv2d(4, 2, 1)

    def forward(self, x):
        small = functional.max_pool2d(x, 2)
        return [self.predict(self.head(each)) for each in (x, small)]


class Reparametrized(nn.Module):
    """Weights that PyTorch makes of others when it is asked for them."""

    def __init__(self):
        super().__init__()
        weight_norm = nn.utils.parametrizations.weight_norm
        self.normed = weight_norm(nn.Conv2d(3, 6, 3, padding=1))
        self.spectral = nn.utils.parametrizations.spectral_norm(nn.Conv2d(6, 4, 1))
        self.fc = weight_norm(nn.Linear(4, 2))

    def forward(self, x):
        return self.fc(self.spectral(self.normed(x)).amax((2, 3)))


class Standardized(nn.Conv2d):
    """A convolution of a standardized weight with a learned gain."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.gain = nn.Parameter(torch.ones(self.out_channels, 1, 1, 1))

    def forward(self, x):
        mean = self.weight.mean((1, 2, 3), keepdim=True)
        deviation = self.weight.std((1, 2, 3), keepdim=True)
        return functional.conv2d(x, self.gain * (self.weight - mean) / deviation, self.bias)


class InPlace(nn.Module):
    """Additions and activations that change what they read."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.conv3 = nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = self.conv1(x)
        kept = x
        x += self.conv2(x)
        return self.conv3(functional.relu_(kept))


class Line(nn.Module):
    """One axis: dilated convolutions, a gated unit, a transposed convolution."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(2, 8, 3, padding=2, dilation=2)
        self.up = nn.ConvTranspose1d(4, 3, 4, stride=2, padding=1)
        self.fc = nn.Linear(3 * 40, 5)

    def forward(self, x):
        x = functional.glu(self.conv1(x), dim=1)
        return self.fc(torch.flatten(self.up(x), 1))


class Volume(nn.Module):
    """Three axes, with a classifier on the mean over all of them."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(1, 4, (1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1), bias=False),
            nn.BatchNorm3d(4),
            nn.SiLU(),
            nn.AvgPool3d(2, ceil_mode=True),
        )
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(self.stem(x).mean((2, 3, 4)))


class Activations(nn.Module):
    """Activations that are kinds of their own, and functions of each number that are not."""

    def __init__(self):
        super().__init__()
        self.kinds = nn.Sequential(
            *(nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(), nn.GELU(), nn.SiLU(), nn.Mish()),
            *(nn.Sigmoid(), nn.Hardsigmoid(), nn.Hardswish(), nn.Tanh(), nn.Softmax(1)),
            *(nn.LogSoftmax(1), nn.Dropout(), nn.Dropout2d(), nn.Identity()),
        )
        self.functions = nn.Sequential(
            nn.Softplus(), nn.SELU(), nn.CELU(), nn.Hardtanh(), nn.Softsign()
        )

    def forward(self, x):
        x = self.functions(self.kinds(x)).clamp(0, 6)
        return 2 * x.abs().sqrt() - x**2 / 3 + 1


MODULES = {
    "gate": (Gate(), (8, 6, 6)),
    "convnext": (ConvNeXtBlock(), (8, 9, 7)),
    "shuffle": (ShuffleUnit(), (8, 6, 6)),
    "same": (SamePadded(3, 4, 3, 2), (3, 8, 8)),
    "focus": (Focus(), (3, 8, 8)),
    "views": (Views(), (3, 6, 8)),
    "tokens": (Tokens(), (6, 5, 4)),
    "split": (Split(), (4, 7, 7)),
    "pyramid": (Pyramid(), (3, 15, 12)),
    "unpooling": (Unpooling(), (4, 7, 9)),
    "norms": (Norms(), (8, 6, 6)),
    "branches": (Branches(), (4, 8, 8)),
    "reparametrized": (Reparametrized(), (3, 6, 6)),
    "standardized": (Standardized(3, 4, 3), (3, 6, 6)),
    "in place": (InPlace(), (3, 6, 6)),
    "line": (Line(), (2, 20)),
    "volume": (Volume(), (1, 5, 8, 8)),
    "activations": (Activations(), (4, 3, 3)),
}
