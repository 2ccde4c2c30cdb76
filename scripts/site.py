"""Gathers the Markdown of the repository, and the files that it links to, into a folder that mkdocs reads.

`make site` runs it. The pages stay as they are, at their own paths, so a link that works in the repository works in the
site; a link to a folder leads to its README.md, or to a list of its files.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = ("*.md", "docs/**/*.md", "mappings/*.md", "deploy/*.md")
_LINK: Final = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def gather(target: Path) -> int:
    """Write the folder again; how many pages it has. Raises FileNotFoundError for a link that leads nowhere."""
    shutil.rmtree(target, ignore_errors=True)
    pages = [page for pattern in PAGES for page in sorted(ROOT.glob(pattern))]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for link in _LINK.findall(text):
            linked = (page.parent / link).resolve()
            if linked.is_dir():
                _list(linked, target)
            elif linked not in pages:
                _copy(linked, target)
        _write(target / page.relative_to(ROOT), _LINK.sub(lambda found, page=page: _to_page(page, found[1]), text))
    return len(pages)


def _to_page(page: Path, link: str) -> str:
    is_folder = (page.parent / link).is_dir()
    return f"]({link.rstrip('/')}/README.md" if is_folder else f"]({link}"


def _list(folder: Path, target: Path) -> None:
    """A page for a folder without one: its files."""
    if not (folder / "README.md").exists():
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        for file in files:
            _copy(file, target)
        names = [file.relative_to(folder) for file in files]
        where = folder.relative_to(ROOT)
        _write(target / where / "README.md", f"# {where}\n\n" + "".join(f"- [{name}]({name})\n" for name in names))


def _copy(file: Path, target: Path) -> None:
    place = target / file.relative_to(ROOT)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, place)


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
