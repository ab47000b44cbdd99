#!/usr/bin/env python3
"""The same towers in PyTorch's own eager mode, fp32, as a reader would write them with torch.nn: shows that the first
line of bgm-bench-encoders ("PyTorch's operators, fp32") is a fair stand-in. Random weights: speed does not depend on
them. Needs python3-torch (Debian); without it, says so and ends well.

    ops/lab/encoder-bench/eager_reference.py [images] [texts] [sounds] [--turns N] [--threads N]
"""
import argparse
import os
import sys
import time

if "OPENBLAS_CORETYPE" in os.environ:  # read when the library is loaded: lowers the kernel
    del os.environ["OPENBLAS_CORETYPE"]
    os.execv(sys.executable, [sys.executable] + sys.argv)

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as missing:
    print(f"eager reference: skipped, {sys.executable} has no torch ({missing})")
    sys.exit(0)


def heads_of(x, heads):
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


class Attention(nn.Module):
    """Separate products for queries, keys and values; scores, softmax and sums as operators of their own."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, bias=None):
        q, k, v = (heads_of(f(x), self.heads) for f in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) / (q.shape[-1] ** 0.5)
        if bias is not None:
            scores = scores + bias
        weights = F.softmax(scores, dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, width, heads, activation, norm_first):
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp_in, self.mlp_out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.activation, self.norm_first = activation, norm_first

    def mlp(self, x):
        return self.mlp_out(self.activation(self.mlp_in(x)))

    def forward(self, x, bias=None):
        if self.norm_first:
            x = x + self.attention(self.norm1(x), bias)
            return x + self.mlp(self.norm2(x))
        x = self.norm1(x + self.attention(x, bias))
        return self.norm2(x + self.mlp(x))


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


class Images(nn.Module):
    """CLIP ViT-B/32."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 768, 32, 32, bias=False)
        self.first = nn.Parameter(torch.randn(768))
        self.places = nn.Parameter(torch.randn(50, 768))
        self.norm, self.last_norm = nn.LayerNorm(768), nn.LayerNorm(768)
        self.blocks = nn.ModuleList(Block(768, 12, quick_gelu, True) for _ in range(12))
        self.projection = nn.Linear(768, 512, bias=False)

    def forward(self, pixels):
        rows = self.patches(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(len(rows), 1, -1), rows], 1) + self.places
        x = self.norm(x)
        for block in self.blocks:
            x = block(x)
        return self.projection(self.last_norm(x[:, 0]))


class Texts(nn.Module):
    """The multilingual DistilBERT: mean of the tokens, then 768 to 512."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(119547, 768), nn.Embedding(512, 768)
        self.norm = nn.LayerNorm(768)
        self.blocks = nn.ModuleList(Block(768, 12, F.gelu, False) for _ in range(6))
        self.dense = nn.Linear(768, 512, bias=False)

    def forward(self, ids, mask):
        x = self.norm(self.words(ids) + self.places(torch.arange(ids.shape[1])))
        bias = (1.0 - mask[:, None, None, :].float()) * -1e30
        for block in self.blocks:
            x = block(x, bias)
        kept = mask[:, :, None].float()
        return self.dense((x * kept).sum(1) / kept.sum(1))


class Stage(nn.Module):
    """Of HTSAT: windows of 8 x 8, every second block moved by 4; then four tokens become one."""

    def __init__(self, width, heads, depth, side, merges):
        super().__init__()
        self.side, self.width = side, width
        self.blocks = nn.ModuleList(Block(width, heads, F.gelu, True) for _ in range(depth))
        self.tables = nn.ParameterList(nn.Parameter(torch.randn(heads, 64, 64)) for _ in range(depth))
        self.register_buffer("mask", torch.zeros(((side // 8) ** 2, 1, 64, 64)))
        self.merge_norm = nn.LayerNorm(4 * width) if merges else None
        self.merge = nn.Linear(4 * width, 2 * width, bias=False) if merges else None

    def windows(self, x):
        n = self.side // 8
        x = x.view(-1, n, 8, n, 8, self.width).permute(0, 1, 3, 2, 4, 5)
        return x.reshape(-1, 64, self.width)

    def grid(self, x):
        n = self.side // 8
        x = x.view(-1, n, n, 8, 8, self.width).permute(0, 1, 3, 2, 4, 5)
        return x.reshape(-1, self.side, self.side, self.width)

    def forward(self, x):
        x = x.view(-1, self.side, self.side, self.width)
        for i, block in enumerate(self.blocks):
            moved = i % 2 == 1 and self.side > 8
            bias = self.tables[i]
            if moved:
                x = torch.roll(x, (-4, -4), (1, 2))
                bias = (bias + self.mask).repeat(len(x), 1, 1, 1)
            x = self.grid(block(self.windows(x), bias))
            if moved:
                x = torch.roll(x, (4, 4), (1, 2))
        if self.merge is None:
            return x.flatten(1, 2)
        x = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        return self.merge(self.merge_norm(x.flatten(1, 2)))


class Sounds(nn.Module):
    """CLAP's HTSAT, over the folded mel image that its reference makes first."""

    def __init__(self):
        super().__init__()
        self.bands = nn.BatchNorm2d(64)
        self.patches, self.norm = nn.Conv2d(1, 96, 4, 4), nn.LayerNorm(96)
        shapes = [(96, 4, 2, 64), (192, 8, 2, 32), (384, 16, 6, 16), (768, 32, 2, 8)]
        self.stages = nn.ModuleList(Stage(*shape, i < 3) for i, shape in enumerate(shapes))
        self.last_norm = nn.LayerNorm(768)
        self.projection = nn.Sequential(nn.Linear(768, 512), nn.ReLU(), nn.Linear(512, 512))

    def forward(self, mel):  # [batch, 1, 1001, 64]
        x = self.bands(mel.transpose(1, 3)).transpose(1, 3)
        x = F.interpolate(x, (1024, 64), mode="bicubic", align_corners=True)
        x = x.reshape(len(x), 4, 256, 64).transpose(2, 3).reshape(len(x), 1, 256, 256)
        x = self.norm(self.patches(x).flatten(2).transpose(1, 2))
        for stage in self.stages:
            x = stage(x)
        return self.projection(self.last_norm(x).mean(1))


def measure(name, batch, model, inputs, turns):
    model.eval()
    best = float("inf")
    with torch.inference_mode():
        model(*inputs)
        for _ in range(turns):
            begin = time.perf_counter()
            model(*inputs)
            best = min(best, time.perf_counter() - begin)
    print(f"{name}, batch {batch}: {best * 1e3:8.1f} ms {batch / best:8.1f} /s", flush=True)


def main():
    parser = argparse.ArgumentParser(description="CLIP, DistilBERT and HTSAT in PyTorch's eager mode, fp32")
    parser.add_argument("what", nargs="*", help="images, texts, sounds: all where none is named")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--threads", type=int, default=0, help="0: one per processor")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads or len(os.sched_getaffinity(0)))
    what = arguments.what or ["images", "texts", "sounds"]
    print(f"PyTorch {torch.__version__}, eager, fp32, {torch.get_num_threads()} threads")
    if "images" in what:
        images = Images()
        for batch in (1, 8, 16):
            measure("images", batch, images, [torch.randn(batch, 3, 224, 224)], arguments.turns)
    if "texts" in what:
        ids = torch.randint(1000, 100000, (16, 32))
        measure("texts of 32 tokens", 16, Texts(), [ids, torch.ones_like(ids)], arguments.turns)
    if "sounds" in what:
        measure("sounds", 4, Sounds(), [torch.randn(4, 1, 1001, 64) * 20 - 40], arguments.turns)


main()
