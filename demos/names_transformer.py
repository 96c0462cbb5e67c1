"""A small causal transformer that spells: it invents names of pictographs.

A transformer has no state: at each place it looks back at all characters so far, and
attention says at which of them.  Causal means that it never looks ahead; otherwise the
answer would be in the question, and it would learn to copy it.  This is a GPT in small:
characters and places as vectors, blocks of attention, scores of the next character.

Run it with ``python -m demos.names_transformer``.
"""

import argparse
from pathlib import Path

import numpy as np

import autograd
import nn
import viz
from demos.names import (
    CHARACTERS,
    LONGEST,
    bits_of_pairs,
    bits_per_character,
    cross_entropy,
    encode,
    load_data,
    print_inventions,
)


class SpellingTransformer(nn.Module):
    """Numbers of characters, shape (N, T) -> scores of the next, (N, T, characters)."""

    def __init__(self, width, blocks, rng):
        self.embedding = nn.Embedding(len(CHARACTERS), width, rng=rng)
        self.places = nn.SinusoidalPositionalEncoding(
            width, LONGEST + 1, batch_first=True
        )
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width,
                nhead=4,
                dim_feedforward=4 * width,
                dropout=0.1,
                activation="gelu",
                batch_first=True,
                norm_first=True,
                rng=rng,
            )
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.scores = nn.Linear(width, len(CHARACTERS), rng=rng)

    def forward(self, x):
        """Return the scores; those at place t depend on the characters up to t."""
        x = self.places(self.embedding(x))
        for block in self.blocks:
            x = block(x, is_causal=True)
        return self.scores(self.norm(x))


def looks_ahead(model):
    """Return whether a later character changes the scores of an earlier place."""
    X, _ = encode(["snowman", "snowfall"])  # inputs ". s n o w m ..." and "... f ..."
    model.eval()
    with autograd.no_grad():
        first, second = model(X).data
    return not np.allclose(first[:5], second[:5], atol=1e-5)


def main(epochs=12, width=64, blocks=2, n_train=None, out=Path("out")):
    """Run the whole lesson; return bits per character and the share of new names."""
    rng = np.random.default_rng(0)
    train, validation = load_data(rng, n_train)
    print(f"{len(train)} names to train on, {len(validation)} to validate.")

    model = SpellingTransformer(width, blocks, rng)
    print(f"{sum(p.size for p in model.parameters()):,} parameters.")
    print(f"Does a place see the characters after it? {looks_ahead(model)}\n")
    optimizer = nn.optim.AdamW(model.parameters(), lr=3e-3)
    trainer = nn.Trainer(
        model,
        cross_entropy,
        optimizer,
        metrics={"bits": bits_per_character},
        schedule=nn.optim.CosineAnnealingLR(optimizer, T_max=epochs),
        clip=1.0,
        rng=rng,
    )
    history = trainer.fit(
        encode(train), encode(validation), epochs=epochs, batch_size=16
    )

    bits = history["val_bits"][-1]
    print("\nBits per character on unseen names:")
    print(f"  {np.log2(len(CHARACTERS)):.2f}  all characters equally likely")
    print(f"  {bits_of_pairs(train, validation):.2f}  a table of pairs of characters")
    print(f"  {bits:.2f}  this network; in nats, a loss of {bits * np.log(2):.3f}")
    share_new = print_inventions(model, train, rng)

    out.mkdir(parents=True, exist_ok=True)
    path = out / "names_transformer.png"
    viz.curves(history, title="A transformer learns to spell").savefig(path)
    print(f"\nPicture: {path}")
    return bits, share_new


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
