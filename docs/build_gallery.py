"""Draw every picture of the README and of ``docs/gallery.md``, and write that page.

``make gallery`` runs it.  Pictures of pages are screenshots, for which Chromium must be
installed; the others are drawn everywhere, and the same each time.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import autograd
import nn
import viz
from autograd import Tensor, scalars, sigmoid
from demos.article import compute_cost, initialize_parameters
from docs import training_pictures as training

PAGE = Path(__file__).with_name("gallery.md")
FOLDER = Path(__file__).with_name("pictures")


class Entry(NamedTuple):
    """One picture: its file, what it shows, the call, and how to draw it."""

    file: str
    text: str
    code: str
    draw: Callable[[Path], None]


class Network(NamedTuple):
    """The article's network on four samples, after a backward pass."""

    cost: Tensor
    names: dict
    arrays: dict
    X: np.ndarray
    Y: np.ndarray


def forward(parameters, X, Y):
    """Run two sigmoid layers and the cross-entropy; return the cost and the steps."""
    with autograd.scope("layer 1"):
        Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
        A1 = sigmoid(Z1)
    with autograd.scope("layer 2"):
        Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
        A2 = sigmoid(Z2)
    with autograd.scope("cross-entropy"):
        cost = compute_cost(A2, Y)
    return cost, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def network() -> Network:
    """Run the network of the article, with weights large enough to be looked at."""
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((2, 4)), np.array([[0, 1, 1, 0]])
    arrays = initialize_parameters(2, 3, 1, rng=rng)
    arrays = {name: value * 80 for name, value in arrays.items()}
    parameters = {name: Tensor(value, name=name) for name, value in arrays.items()}
    cost, steps = forward(parameters, X, Y)
    cost.backward()
    names = {**parameters, **steps, "X": X, "Y": Y, "cost": cost}
    return Network(cost, names, arrays, X, Y)


def draw_network(path: Path) -> None:
    """Draw the graph per array operation."""
    net = network()
    viz.graph(net.cost, names=net.names, direction="LR").save(path)


def draw_neuron(path: Path) -> None:
    """Draw one neuron per scalar."""
    w, x = scalars(np.array([2.0, -3.0]), "w"), np.array([0.5, 1.0])
    b = Tensor(1.5, name="b")
    y = np.tanh(w @ x + b)
    y.backward()
    viz.graph(y, names={"w": w, "b": b, "y": y}).save(path)


def draw_marking(path: Path) -> None:
    """Draw the marking of a derivation with a planted mistake."""
    net = network()
    marking = autograd.check_backward(
        forward, students_backward, net.arrays, net.X, net.Y
    )
    marking.graph().save(path)


def students_backward(parameters, cache, X, Y):
    """Derive the gradients, with the derivative of tanh where sigmoid's belongs."""
    m = Y.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = np.dot(dZ2, cache["A1"].T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(parameters["W2"].T, dZ2)
    dZ1 = dA1 * (1 - cache["A1"] ** 2)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def draw_step(path: Path) -> None:
    """Photograph a backward step of the page."""
    net = network()
    page = viz.step(net.cost, names=net.names, title="The article's network")
    target = next(k for k, step in enumerate(page.steps) if "∂cost/∂W1" in str(step))
    photograph(page.html(), path, size=(1300, 860), fragment=f"#step={target}")


def draw_layers(path: Path) -> None:
    """Draw a network of layers, badly initialised, with its gradients."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(2, 16, rng=rng),
        nn.Sigmoid(),
        nn.Linear(16, 16, rng=rng),
        nn.Sigmoid(),
        nn.Linear(16, 1, rng=rng),
        nn.Sigmoid(),
    )
    for parameter in model.parameters():
        nn.init.normal(parameter, std=0.01, rng=rng)
    X, y = nn.moons(64, noise=0.1, rng=rng)
    loss = nn.BCELoss()(model(X), y[:, None].astype(float))
    loss.backward()
    viz.graph(loss, detail="module", names={"X": X, "loss": loss}).save(path)


def draw_derivation(path: Path) -> None:
    """Photograph the derivation as a page."""
    net = network()
    photograph(viz.derivation(net.cost, names=net.names).html(), path, size=(760, 1180))


def photograph(
    html: str, path: Path, size: tuple[int, int], fragment: str = ""
) -> None:
    """Open a page in Chromium and save what it shows; nothing without Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print(f"{path.name}: left as it is, Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(file.as_uri() + fragment)
        page.screenshot(path=path)
        browser.close()


ENTRIES = [
    Entry(
        "network.svg",
        "The article's network: every array with its values and its gradient, and on "
        "every arrow what the chain rule sends back along it.",
        "viz.graph(cost, names=locals())",
        draw_network,
    ),
    Entry(
        "step.png",
        "The same network one operation at a time, forward and backward: a page that "
        "needs no server and no network.",
        'viz.step(cost, names=locals()).save("lesson.html")',
        draw_step,
    ),
    Entry(
        "marking.svg",
        "A hand-derived backward pass, marked: right by convention, the first wrong "
        "line, and what only follows from it.",
        "autograd.check_backward(forward, backward, parameters, X, Y).graph()",
        draw_marking,
    ),
    Entry(
        "neuron.svg",
        "A neuron per scalar: the number on an arrow is the local derivative.",
        "viz.graph(neuron)",
        draw_neuron,
    ),
    Entry(
        "layers.svg",
        "A network of layers, initialised with 0.01: the bars show on a logarithmic "
        "scale how the gradient vanishes, the histograms what each layer gives.",
        'viz.graph(loss, detail="module")',
        draw_layers,
    ),
    Entry(
        "derivation.png",
        "The derivation in symbols, for the board, the browser (MathML) and LaTeX; a "
        "simplification is shown once the numbers agree.",
        "viz.derivation(cost, names=locals())",
        draw_derivation,
    ),
    Entry(
        "curves.png",
        "Loss and accuracy of a run, training against validation, the best epoch "
        "ringed.",
        "viz.curves(history)",
        training.draw_curves,
    ),
    Entry(
        "monitor.png",
        "What `viz.Monitor` watched: gradients, updates, activations and weights per "
        "layer.",
        "viz.monitor(monitor.record, model=model, data=(X, y))",
        training.draw_monitor,
    ),
    Entry(
        "inits.png",
        "How much of the gradient reaches each layer right after initialisation.",
        "viz.init_study(make_model, X, y, inits)",
        training.draw_inits,
    ),
    Entry(
        "sweep.png",
        "A sweep over learning rate and width; what diverged is said in words.",
        "viz.sweep(results)",
        training.draw_sweep,
    ),
    Entry(
        "boundary.png",
        "The decision boundary on unseen samples.",
        "viz.boundary(model, X, y)",
        training.draw_boundary,
    ),
    Entry(
        "confusion.png",
        "Which classes are taken for which.",
        "viz.confusion(predictions, targets)",
        training.draw_confusion,
    ),
    Entry(
        "activation.png",
        "Activation functions with their derivatives, saturation marked.",
        "viz.activation(sigmoid, np.tanh, relu)",
        training.draw_activation,
    ),
    Entry(
        "weights.png",
        "The weights of a trained network.",
        "viz.weights(model)",
        training.draw_weights,
    ),
]


def page() -> str:
    """Return the text of ``docs/gallery.md``."""
    parts = ["# Gallery\n", "Every picture is drawn by `make gallery`.\n"]
    for entry in ENTRIES:
        alt = entry.text.replace("\n", " ")
        image = f"![{alt}](pictures/{entry.file})"
        parts.append(f"## `{entry.code}`\n\n{entry.text}\n\n{image}\n")
    return "\n".join(parts)


def main() -> None:
    """Draw the pictures and write the page."""
    FOLDER.mkdir(exist_ok=True)
    for entry in ENTRIES:
        entry.draw(FOLDER / entry.file)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
