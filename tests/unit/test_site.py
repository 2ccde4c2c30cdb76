"""The pages of the documentation site: every link of the Markdown leads to a page or file that is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_link_of_every_page_is_gathered(tmp_path: Path) -> None:
    found = importlib.util.spec_from_file_location("site_pages", ROOT / "scripts" / "site.py")
    assert found is not None
    assert found.loader is not None
    site = importlib.util.module_from_spec(found)
    found.loader.exec_module(site)
    assert site.gather(tmp_path) > 30
    for page in tmp_path.rglob("*.md"):
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text()):
            assert (page.parent / link).is_file(), (page.relative_to(tmp_path), link)


def test_every_page_of_the_navigation_is_there() -> None:
    pages = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert len(pages) > 20
    assert [page for page in pages if not (ROOT / page).exists()] == []
