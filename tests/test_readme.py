"""The README's code runs, pasted into one file from top to bottom."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_readme_blocks_run(tmp_path, monkeypatch, capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    monkeypatch.chdir(tmp_path)
    source = "\n".join(blocks)
    exec(compile(source, "README.md", "exec"), {"__name__": "readme"})
    printed = capsys.readouterr().out
    assert "3.0 -3.0 -4.0" in printed
    assert (tmp_path / "network.svg").stat().st_size > 1000
    quoted = re.search(r"^def backward\(.*?^```", text, flags=re.MULTILINE | re.DOTALL)
    assert quoted is not None
    assert quoted[0].removesuffix("```") in printed


def test_readme_starts_with_the_two_commands():
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("## ")[0]
    assert head.index("make demo") < head.index("make test")


def test_every_picture_exists():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        found = re.findall(r"!\[[^\]]*\]\(([^)]+)\)|src=\"([^\"]+)\"", text)
        for link in (a or b for a, b in found):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"


def test_gallery_page_is_that_of_its_entries():
    from docs.build_gallery import ENTRIES, FOLDER, PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page(), "run: make gallery"
    drawn = {path.name for path in FOLDER.iterdir()}
    assert drawn == {entry.file for entry in ENTRIES}
