"""The picture of a marking: the right words and colours on the right cards."""

import re
from dataclasses import replace

import numpy as np
import pytest

import autograd
import viz
from autograd.check import MarkedStep, Marking
from demos.article import compute_cost, forward_propagation, initialize_parameters
from viz.theme import THEMES


def forward(parameters, X, Y):
    A2, cache = forward_propagation(X, parameters)
    return compute_cost(A2, Y), cache


def backward(parameters, cache, X, Y):
    """Return the article's gradients with ``A1`` lost in the hidden layer."""
    m = X.shape[1]
    dZ2 = cache["A2"] - Y
    dW2 = np.dot(dZ2, cache["A1"].T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(parameters["W2"].T, dZ2)
    dZ1 = np.multiply(dA1, 1 - cache["A1"])
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW2": dW2, "db2": db2, "dW1": dW1, "db1": db1}


def mark(function):
    rng = np.random.default_rng(0)
    parameters = initialize_parameters(2, 4, 1, rng=rng)
    X, Y = rng.standard_normal((2, 5)), np.array([[0, 1, 1, 0, 1]])
    return autograd.check_backward(forward, function, parameters, X, Y)


@pytest.fixture(scope="module")
def marking():
    return mark(backward)


def cards(drawing):
    """Return {title: texts below the header} of every card."""
    nodes = drawing.nodes().values()
    return {texts[0]: texts[2:] for texts in nodes if len(texts) > 1}


def dress(graph, title):
    """Return the DOT attributes of the card with a title."""
    lines = [x for x in graph.source.splitlines() if f"<B>&#160;&#160;{title}</B>" in x]
    assert len(lines) == 1
    return dict(re.findall(r'(color|fillcolor|penwidth)="?([^" \]]+)', lines[0]))


def test_words_stand_on_the_cards_of_the_steps(marking, read_drawing):
    found = cards(read_drawing(marking.graph()))
    assert {title: texts[0] for title, texts in found.items() if texts} == {
        "Z2": "✓ dZ2: right by convention",
        "W2": "✓ dW2: right",
        "b2": "✓ db2: right",
        "A1": "✓ dA1: right by convention",
        "Z1": "✗ dZ1: first wrong",
        "W1": "↳ dW1: inherited",
        "b1": "↳ db1: inherited",
    }
    wrong = marking.first_wrong
    assert " ".join(found["Z1"][1:]) == (
        f"line {wrong.line}: wrong activation derivative: it is 1 - A"
    )
    assert "m = 5 times the gradient" in " ".join(found["Z2"])
    assert found["A2"] == []  # the function skips this step


@pytest.mark.parametrize("name", ["light", "dark"])
def test_colours_are_those_of_the_verdicts(marking, name):
    theme = THEMES[name]
    picture = viz.marking.draw(marking, theme=name)
    colours = {
        "right": (theme.right, theme.right_line),
        "inherited": (theme.inherited, theme.inherited_line),
        "wrong": (theme.wrong, theme.wrong_line),
    }
    for titles, verdict, width in (
        (("Z2", "W2", "b2", "A1"), "right", "2"),
        (("W1", "b1"), "inherited", "2"),
        (("Z1",), "wrong", "4"),
    ):
        ground, line = colours[verdict]
        for title in titles:
            found = dress(picture, title)
            assert found["fillcolor"].endswith(f":{ground}")
            assert (found["color"], found["penwidth"]) == (line, width)
    assert dress(picture, "A2").keys() & {"color", "fillcolor"} == set()


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_verdicts_differ_without_colour_and_their_text_is_legible(theme):
    grounds = [theme.right, theme.inherited, theme.wrong]
    texts = [theme.text, theme.text, theme.on_wrong]
    for ground, text in zip(grounds, texts, strict=True):
        assert contrast(ground, text) >= 4.5
    for k, ground in enumerate(grounds):
        for other in grounds[:k]:
            assert contrast(ground, other) >= 1.3


def contrast(first, second):
    """Return the contrast ratio of WCAG 2.1."""
    low, high = sorted(map(luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    channels = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(
        channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
    )
    return linear @ [0.2126, 0.7152, 0.0722]


def test_legend_and_title_say_it_in_words(marking):
    svg = marking.graph().svg().replace("&#160;", "")
    for text in ("✓ right", "↳ inherited", "✗ wrong", "backward: first wrong is dZ1"):
        assert f">{text}" in svg.replace("\xa0", "")


def test_alt_text_and_table_name_the_wrong_step(marking):
    graph = marking.graph()
    assert graph.alt.endswith(
        "Marked: ↳ dW1: inherited; ↳ db1: inherited; ✗ dZ1: first wrong."
    )
    assert "Z1  (intermediate, 4×5)\n  ✗ dZ1: first wrong: line" in graph.table()


def test_the_same_marking_gives_the_same_text(marking):
    assert marking.graph().source == mark(backward).graph().source


def test_steps_of_one_value_share_a_card_in_the_gravest_colour(marking, read_drawing):
    again = MarkedStep("dW2", "W2", 99, "", "wrong", "sign", "it is -dW2")
    picture = replace(marking, steps=(*marking.steps, again)).graph()
    texts = cards(read_drawing(picture))["W2"]
    assert texts[0] == "✓ dW2: right"
    assert texts[2:] == ["✗ dW2: wrong", "line 99: sign: it is -dW2"]
    assert dress(picture, "W2")["color"] == THEMES["light"].wrong_line


def test_function_that_stops_is_drawn_with_what_was_not_reached(read_drawing):
    def stops(parameters, cache, X, Y):
        dZ2 = cache["A2"] - Y
        raise ValueError("no more")
        return {"dZ2": dZ2}

    picture = mark(stops).graph()
    found = cards(read_drawing(picture))
    assert found["W1"][0] == "○ dW1: not reached"
    assert "no more" in picture.svg()  # the failing line belongs to no card


def test_hostile_names_are_drawn_as_text(marking):
    steps = tuple(
        replace(step, name="<b>\\N\u202e", detail="</TABLE>\n")
        for step in marking.steps
    )
    svg = replace(marking, steps=steps).graph().svg()
    assert "&lt;b&gt;" in svg
    assert "\u202e" not in svg


def test_a_marking_without_a_cost_cannot_be_drawn():
    with pytest.raises(ValueError, match="no recorded cost"):
        Marking((), "f").graph()


def test_unknown_theme_is_named(marking):
    with pytest.raises(ValueError, match="'light', 'dark', got 'red'"):
        viz.marking.draw(marking, theme="red")
