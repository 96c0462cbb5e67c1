"""The page in a browser: what a learner sees, presses and prints."""

import re
import shutil

import numpy as np
import pytest

import viz
from autograd import Tensor, scope

pytestmark = pytest.mark.browser

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

ATTACKS = [
    "<script>attack()</script>",
    "</script><script>attack()</script>",
    "</title><script>attack()</script>",
    "</style><script>attack()</script>",
    "</svg><script>attack()</script>",
    "--><script>attack()</script>",
    "]]><script>attack()</script>",
    "<img src=x onerror=attack()>",
    '"><img src=x onerror=attack()>',
    "'><svg onload=attack()>",
    '" autofocus onfocus=attack() x="',
    "<iframe srcdoc='<script>parent.attack()</script>'>",
    "<a href=javascript:attack()>x</a>",
    "javascript:attack()",
    "<base href=https://example.org/>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "\u2028attack()\u2029//",
    "\\u003cscript>attack()\\u003c/script>",
    "${attack()} {{attack()}} `attack()` $title",
    "&lt;script&gt;attack()&lt;/script&gt;",
    "\x00<\x00script>attack()</script>",
]


LOOK = """() => {
  const shown = (part) => [...document.querySelectorAll(`#graph .node ${part}`)]
    .filter((e) => getComputedStyle(e).visibility === "visible")
    .map((e) => e.closest(".node").id);
  const text = (id) => document.getElementById(id).textContent;
  return {
    step: Number(document.getElementById("slider").value),
    heading: text("heading"), formula: text("formula"), live: text("live"),
    values: shown(".v"), gradients: shown(".d"),
  };
}"""
WALK = """() => {
  const seen = [];
  const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key }));
  for (let k = Number(document.getElementById("slider").max); k > 0; k -= 1) {
    press("ArrowRight");
    press("c");
    seen.push(SCRIPT);
  }
  return seen;
}"""


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip("playwright.sync_api", reason="no playwright")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium")
    with driver.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def window(browser):
    with browser.new_context() as context:
        yield context


class Reader:
    """A learner in front of the page, and what the browser complains about."""

    def __init__(self, window, path, address="", size=(1366, 768), **preferences):
        self.page = window.new_page()
        self.complaints, self.requests = [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.add_init_script("window.attack = () => console.error('attacked')")
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(**{"reduced_motion": "reduce", **preferences})
        self.page.goto(path.as_uri() + address)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, id):
        return self.page.text_content(f"#{id}")

    def look(self):
        """Return what is on the screen: texts, and nodes whose parts can be seen."""
        return self.page.evaluate(LOOK)

    def walk(self, script):
        """Go through the lesson inside the browser; return what a script sees there."""
        return self.page.evaluate(WALK.replace("SCRIPT", script))

    @property
    def step(self):
        return int(re.match(r"step (\d+) of", self.text("counter"))[1])


@pytest.fixture
def lesson(network):
    return viz.step(network.cost, names=network.names(), title="Two-layer network")


@pytest.fixture
def path(lesson, tmp_path):
    return lesson.save(tmp_path / "lesson.html")


@pytest.fixture
def read(window, path):
    """Return a function that opens the lesson; whatever happens, nothing may leak."""
    opened = []

    def open_page(address="", at=path, **options):
        opened.append(Reader(window, at, address, **options))
        return opened[-1]

    yield open_page
    for reader in opened:
        assert reader.complaints == []
        assert all(url.startswith(("file:", "about:")) for url in reader.requests)
        assert len([url for url in reader.requests if url.startswith("file:")]) == 1
        reader.page.close()


def test_the_whole_lesson_by_keyboard(read, lesson):
    """Every step shows its text; nothing is visible before it is computed."""
    reader = read()
    values = {s.value_of: k for k, s in enumerate(lesson.steps) if s.value_of}
    gradients = {s.gradient_of: k for k, s in enumerate(lesson.steps) if s.gradient_of}
    cards = reader.page.eval_on_selector_all(
        "#graph .node",
        "nodes => nodes.filter(n => n.querySelector('.v')).map(n => n.id)",
    )
    for k, step in enumerate(lesson.steps):
        seen = reader.look()
        assert seen["step"] == k
        assert seen["heading"] == step.title
        assert seen["formula"] == step.formula
        assert f"step {k} of 38: {step.title}." in seen["live"]
        assert set(seen["values"]) == {c for c in cards if values.get(c, 0) <= k}
        expected = {n for n, at in gradients.items() if at <= k}
        assert set(seen["gradients"]) == expected & set(cards)
        reader.press("ArrowRight")
    assert reader.step == len(lesson.steps) - 1
    assert len(set(seen["gradients"])) == 9


def test_keys(read, lesson):
    reader, last = read(), len(lesson.steps) - 1
    reader.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert reader.step == 1
    reader.press("ArrowLeft", "ArrowLeft")
    assert reader.step == 0
    reader.press("End", "ArrowRight")
    assert reader.step == last
    reader.press("Home")
    assert reader.step == 0
    reader.press("b")
    assert reader.text("phase") == "backward pass"
    assert reader.step == 17
    svg = reader.page.locator("#graph")
    before = svg.bounding_box()["width"]
    reader.press("f")
    assert svg.bounding_box()["width"] < before
    assert reader.page.get_attribute("#fit", "aria-pressed") == "true"
    reader.press("Control+b", "f")
    assert svg.bounding_box()["width"] == before


def test_play_and_pause(read):
    reader = read()
    reader.page.select_option("#speed", "fast")
    reader.page.focus("#view")
    reader.press("Space")
    assert "Pause" in reader.text("play")
    reader.page.wait_for_function("() => document.querySelector('#slider').value >= 2")
    reader.press("Space")
    assert "Play" in reader.text("play")
    stopped = reader.step
    reader.page.wait_for_timeout(900)
    assert reader.step == stopped
    # A key takes over from playing, which ends by itself after the last step.
    reader.press("Space", "End")
    assert "Play" in reader.text("play")
    reader.press("ArrowLeft", "Space")
    reader.page.wait_for_function("() => document.querySelector('#slider').value == 38")
    assert "Play" in reader.text("play")


def test_the_address_names_the_step(read):
    reader = read("#step=28")
    assert reader.step == 28
    reader.press("ArrowRight")
    assert reader.page.evaluate("location.hash") == "#step=29"
    reader.page.evaluate("location.hash = '#step=3'")
    reader.page.wait_for_function("document.querySelector('#slider').value === '3'")
    assert reader.step == 3
    assert read("#step=9999").step == 38
    assert read("#step=x").step == 0


def test_controls(read):
    reader = read()
    for name, expected in (
        ("Next step", 1), ("Last step", 38), ("Previous step", 37), ("First step", 0),
        ("backward", 17),
    ):  # fmt: skip
        reader.page.get_by_role("button", name=name, exact=True).click()
        assert reader.step == expected
    reader.page.get_by_role("slider", name="Step").fill("5")
    assert reader.step == 5
    options = reader.page.locator("#speed option").all_text_contents()
    assert options == ["slow", "normal", "fast"]


def test_every_control_is_named_and_reached_by_tab(read):
    reader = read("#step=1")
    reached = []
    for _ in range(20):
        reader.press("Tab")
        id = reader.page.evaluate("document.activeElement.id")
        if id in reached or not id:
            break
        reached.append(id)
        name = reader.page.evaluate(
            "(e => e.getAttribute('aria-label') || e.textContent.trim())"
            "(document.activeElement)"
        )
        assert re.search(r"\w{3}", name), id
    assert reached == [
        "view", "first", "previous", "play", "next", "last", "backward", "slider",
        "speed", "fit", "theme", "cells",
    ]  # fmt: skip
    # Keys of the page do not take away what a focused button does with them.
    reader.page.focus("#next")
    reader.press("Space")
    assert reader.step == 2
    assert reader.page.get_attribute("#live", "aria-live") == "polite"


def test_a_click_on_a_node_jumps_there(read, lesson):
    reader = read()
    titles = [step.title for step in lesson.steps]

    def click(name):
        reader.page.locator("#graph .node", has_text=name).first.click()
        return titles[reader.step]

    assert click("A1") == "sigmoid computes A1"
    reader.press("b")
    assert click("A1") == "dot passes a gradient to A1"
    assert click("A1") == "sigmoid computes A1"
    reader.press("b")
    assert click("W1") == "dot passes a gradient to W1"


def test_active_nodes_are_outlined_and_in_view(read, lesson):
    reader = read(size=(900, 700))
    for k in (1, 12, 25, 37):
        reader.page.evaluate(f"location.hash = '#step={k}'")
        reader.page.wait_for_function(
            f"document.querySelector('#slider').value === '{k}'"
        )
        step = lesson.steps[k]
        frame = reader.page.locator("#view").bounding_box()
        box = reader.page.locator(f"#{step.target}").bounding_box()
        assert frame["x"] <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert "target" in reader.page.get_attribute(f"#{step.target}", "class")
        assert "operation" in reader.page.get_attribute(f"#{step.operation}", "class")
        active = reader.page.locator("#graph .edge.active")
        assert active.count() == len(step.arrows)


RAISED = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")


def number(text):
    """Read a number as the page writes it: ``−0.5``, ``~0``, ``1.2×10⁻⁴``."""
    return float(text.translate(RAISED).replace("×10", "e").removeprefix("~"))


def matrices(reader):
    """Return the numbers of each matrix in the panel."""
    return [
        np.array([
            [number(cell) for cell in row]
            for row in figure.evaluate(
                "f => [...f.querySelectorAll('tr')].map("
                "r => [...r.cells].map(c => c.textContent))"
            )
        ])
        for figure in reader.page.locator("#equation figure").all()
    ]  # fmt: skip


def test_the_numbers_on_the_screen_are_numpys(read, network, lesson):
    titles = [step.title for step in lesson.steps]
    k = titles.index("dot passes a gradient to A1")
    left, right, product = matrices(read(f"#step={k}"))
    np.testing.assert_allclose(left, network.W2.data.T, atol=0.005)
    np.testing.assert_allclose(right, network.hand()["Z2"], atol=0.005)
    np.testing.assert_allclose(product, network.hand()["A1"], atol=0.006)


def test_a_cell_of_a_product_is_written_out(read, network, lesson):
    titles = [step.title for step in lesson.steps]
    k = titles.index("dot passes a gradient to W1")
    reader = read(f"#step={k}")
    G, X = network.hand()["Z1"], network.X
    result = reader.page.locator("#equation figure").last
    for row, column in ((0, 0), (2, 1)):
        result.locator("tr").nth(row).locator("td").nth(column).click()
        text = reader.text("sum")
        where, written = re.match(r"(row \d, column \d):\s+(.*)", text).groups()
        assert where == f"row {row + 1}, column {column + 1}"
        terms, total = written.split(" = ")
        pairs = [term.split("·") for term in terms.split(" + ")]
        left, right = (
            [number(x.strip("()")) for x in side] for side in zip(*pairs, strict=True)
        )
        np.testing.assert_allclose(left, G[row], rtol=1e-3)
        np.testing.assert_array_equal(right, X[column])
        np.testing.assert_allclose(number(total), G[row] @ X[column], rtol=1e-3)
        assert reader.page.locator("#equation td.picked").count() == 4 + 4 + 1
    before = reader.text("sum")
    reader.press("c")
    assert reader.text("sum") != before
    reader.page.get_by_role("button", name="next cell").click()
    assert reader.text("sum").startswith("row 1, column 2:")


def test_cells_of_other_operations_are_written_out(read, network, lesson):
    titles = [step.title for step in lesson.steps]
    k = titles.index("sigmoid passes a gradient to Z2")
    reader = read(f"#step={k}")
    reader.page.locator("#equation figure").last.locator("td").nth(3).click()
    terms, total = reader.text("sum").split(":  ")[1].split(" = ")
    factors = [number(x.strip("()")) for x in terms.split(" × ")]
    np.testing.assert_allclose(np.prod(factors), number(total), rtol=2e-3)
    k = titles.index("add passes a gradient to b1")
    reader.page.evaluate(f"location.hash = '#step={k}'")
    reader.page.wait_for_function(f"document.querySelector('#slider').value === '{k}'")
    terms, total = reader.text("sum").split(":  ")[1].split(" = ")
    parts = [number(x.strip("()")) for x in terms.split(" + ")]
    np.testing.assert_allclose(sum(parts), number(total), rtol=2e-3)
    assert len(parts) == 4


def test_paths_add_up_on_the_screen(read, lesson):
    k = max(k for k, s in enumerate(lesson.steps) if s.contribution == (2, 2))
    reader = read(f"#step={k}")
    labels = reader.page.locator("#equation figcaption").all_text_contents()
    assert [label.split(" ")[0] for label in labels[-3:]] == ["this", "so", "∂cost/∂A2"]
    this, so_far, now = matrices(reader)[-3:]
    np.testing.assert_allclose(this + so_far, now, atol=0.02)
    assert "contribution 2 of 2. Gradients from different paths ADD UP." in (
        reader.page.text_content("#notes .add")
    )


def test_light_and_dark(read):
    def ground(reader):
        return reader.page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = "rgb(255, 255, 255)", "rgb(22, 24, 28)"
    assert ground(read(color_scheme="light")) == light
    reader = read(color_scheme="dark")
    assert ground(reader) == dark
    reader.page.get_by_role("button", name="Switch between light and dark").click()
    assert ground(reader) == light
    reader.page.locator("#theme").click()
    assert ground(reader) == dark
    card = reader.page.locator("#graph .node text").first
    assert card.evaluate("t => getComputedStyle(t).fill") != "rgb(26, 26, 26)"


@pytest.mark.parametrize("width", [390, 768])
def test_narrow_screens_do_not_scroll_sideways(read, lesson, width):
    reader = read(size=(width, 844))
    widths = reader.walk("document.documentElement.scrollWidth")
    assert len(widths) == len(lesson.steps) - 1
    assert set(widths) == {width}
    for control in reader.page.locator("nav :is(button, input, select)").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_print(read):
    reader = read("#step=28", color_scheme="dark")
    document = reader.page.pdf(format="A4")
    assert document.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", document)) == 1
    reader.page.emulate_media(media="print")
    assert not reader.page.is_visible("nav")
    assert reader.page.is_visible("#equation")
    ground = reader.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    svg = reader.page.locator("#graph").bounding_box()
    assert svg["x"] + svg["width"] <= 1366


def test_without_scripts_the_finished_graph_is_there(browser, path):
    page = browser.new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    assert page.is_visible("#graph")
    assert page.is_visible("#graph .d")
    assert page.is_visible("noscript")
    assert not page.is_visible("nav")
    page.close()


def test_motion_only_where_it_is_welcome(read):
    def style(reader):
        outline = reader.page.locator("#graph .node .o").first
        return outline.evaluate("e => getComputedStyle(e).transitionDuration")

    assert style(read(reduced_motion="reduce")) == "0s"
    assert style(read(reduced_motion="no-preference")) == "0.15s"


def test_it_runs_inside_a_notebooks_frame(read, lesson, tmp_path):
    outside = tmp_path / "notebook.html"
    outside.write_text(f"<!doctype html>{lesson._repr_html_()}", encoding="utf-8")
    reader = read(at=outside)
    frame = reader.page.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#counter").text_content() == "step 1 of 38"


@pytest.mark.parametrize("detail", ["tensor", "scalar", "module"])
def test_attack_names_run_nothing(read, tmp_path, detail):
    """Check 5: one page with all of them, stepped through to the end."""
    with scope(ATTACKS[0]):
        total = Tensor(np.ones((2, 2)) if detail == "tensor" else 1.0, name="x")
    for name in ATTACKS:
        w = Tensor(total.data * 0.5, name=name)
        with scope(name):
            total = total * w
        total.name = f"{name} out"
    cost = np.sum(total)
    cost.name = ATTACKS[1]
    page = viz.step(cost, title=" ".join(ATTACKS[:6]), detail=detail)
    reader = read(at=page.save(tmp_path / "attacked.html"))
    titles = reader.walk("document.getElementById('heading').textContent")
    assert titles == [step.title for step in page.steps[1:]]
    assert reader.step == len(page.steps) - 1
    assert reader.page.locator("script").count() == 2
    assert reader.page.locator("img, iframe, base, link, a").count() == 0
    assert reader.page.evaluate("typeof attack") == "function"  # and nothing calls it
    if detail != "module":
        shown = reader.page.text_content("#norms")
        assert "<img src=x onerror=attack()>" in shown


def test_a_scalar_graph(read, neuron, tmp_path):
    root, names = neuron
    page = viz.step(root, names=names)
    reader = read("#step=0", at=page.save(tmp_path / "neuron.html"))
    z = reader.page.locator("#graph .node", has_text="z =")
    assert (
        z.locator("tspan.v").evaluate("t => getComputedStyle(t).visibility") == "hidden"
    )
    reader.press("End", "ArrowLeft")
    assert z.locator("tspan.d").text_content().strip() == "−0.221"
    assert reader.text("formula").startswith("∂L/∂w2 = ")
