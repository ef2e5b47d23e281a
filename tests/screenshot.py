"""Creates docs/design.png, the screenshot in the README, from `design --sample` in chromium."""

import tempfile
from pathlib import Path

from .browser import browser
from .program import without_engine

ROOT = Path(__file__).parent.parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as page:
        file = Path(folder) / "design.html"
        without_engine().good("design", "--sample", f"--html={file}")
        page.open(file, width=1200, height=980)
        page.value("document.querySelector('.beside .items li').click()")
        (ROOT / "docs" / "design.png").write_bytes(page.screenshot())


if __name__ == "__main__":
    main()
