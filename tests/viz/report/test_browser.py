"""The report in a browser: wide and narrow, light and dark, and silent."""

import shutil

import pytest

import viz
from viz.training.style import contrast

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Text colour and ground of every element that has text of its own.
COLOURS = """() => {
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
  };
  const own = (element) => [...element.childNodes].some(
    (node) => node.nodeType === 3 && node.textContent.trim());
  const paint = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  return [...document.querySelectorAll("body *")].filter(own).map((element) => {
    const style = getComputedStyle(element);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    return [element.textContent.slice(0, 40), paint(colour), paint(ground(element))];
  });
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


@pytest.mark.parametrize(
    ("kind", "width", "scheme"),
    [
        ("report", 1200, "light"),
        ("report", 390, "dark"),
        ("comparison", 1200, "dark"),
        ("comparison", 390, "light"),
    ],
)
def test_it_fits_can_be_read_and_is_silent(
    browser, original, tmp_path, kind, width, scheme
):
    made = {
        "report": lambda: viz.report(original),
        "comparison": lambda: viz.compare_runs(original, original),
    }
    path = made[kind]().save(tmp_path / "page.html")
    window = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    complaints, requests = [], []
    window.on("console", lambda message: complaints.append(message.text))
    window.on("request", lambda request: requests.append(request.url))
    window.goto(path.as_uri())
    assert window.evaluate("document.documentElement.scrollWidth") == width
    for text, colour, ground in window.evaluate(COLOURS):
        ratio = contrast(*["#" + bytes(c).hex() for c in (colour, ground)])
        assert ratio >= 4.5, f"{text}: {colour} on {ground}"
    assert complaints == []
    outside = [url for url in requests if not url.startswith("data:image/png")]
    assert outside == [path.as_uri()]
    window.close()
