"""An LSTM that spells: it learns the names of pictographs, and invents new ones.

A recurrent network reads a name one character at a time and keeps what it has read in
its state.  At each character it says how likely each character is to come next.  How
well it does is measured in bits per character, on names that it has not seen: log2 of
the number of characters among which it would be in doubt on average.

Run it with ``python -m demos.names_lstm``.
"""

import argparse
from pathlib import Path

import numpy as np

import nn
import viz
from demos.names import (
    CHARACTERS,
    bits_of_pairs,
    bits_per_character,
    cross_entropy,
    encode,
    load_data,
    print_inventions,
)


class SpellingLSTM(nn.Module):
    """Numbers of characters, shape (N, T) -> scores of the next, (N, T, characters)."""

    def __init__(self, hidden, rng):
        self.embedding = nn.Embedding(len(CHARACTERS), 24, rng=rng)
        self.lstm = nn.LSTM(24, hidden, batch_first=True, rng=rng)
        self.dropout = nn.Dropout(0.3, rng=rng)
        self.scores = nn.Linear(hidden, len(CHARACTERS), rng=rng)

    def forward(self, x):
        """Return the scores; those at place t depend on the characters up to t."""
        states, _ = self.lstm(self.embedding(x))
        return self.scores(self.dropout(states))


def main(epochs=15, hidden=128, n_train=None, out=Path("out")):
    """Run the whole lesson; return bits per character and the share of new names."""
    rng = np.random.default_rng(0)
    train, validation = load_data(rng, n_train)
    print(f"{len(train)} names to train on, {len(validation)} to validate, such as")
    print(f"  {', '.join(train[:5])}.")

    model = SpellingLSTM(hidden, rng)
    optimizer = nn.optim.AdamW(model.parameters(), lr=5e-3)
    trainer = nn.Trainer(
        model,
        cross_entropy,
        optimizer,
        metrics={"bits": bits_per_character},
        schedule=nn.optim.CosineAnnealingLR(optimizer, T_max=epochs),
        clip=1.0,
        rng=rng,
    )
    history = trainer.fit(encode(train), encode(validation), epochs=epochs)

    bits = history["val_bits"][-1]
    print("\nBits per character on unseen names:")
    print(f"  {np.log2(len(CHARACTERS)):.2f}  all characters equally likely")
    print(f"  {bits_of_pairs(train, validation):.2f}  a table of pairs of characters")
    print(f"  {bits:.2f}  this network; in nats, a loss of {bits * np.log(2):.3f}")
    share_new = print_inventions(model, train, rng)

    out.mkdir(parents=True, exist_ok=True)
    path = out / "names_lstm.png"
    viz.curves(history, title="An LSTM learns to spell").savefig(path)
    print(f"\nPicture: {path}")
    return bits, share_new


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    main(options.epochs, out=options.out)
