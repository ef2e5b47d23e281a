"""The page of `design` in chromium: it renders, reports no error and sends no request."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nodetodo.design.collections import build
from nodetodo.design.page import page
from nodetodo.model import Task, User

from . import browser, tools
from .program import patterns, without_engine

ROOT = Path(__file__).parent.parent
NASTY = """'"><script>console.error("in")</script><img src="http://127.0.0.1:9/x.png" onerror="console.error('img')">"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    with tools.skip_without("chromium"), browser.browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "design.html"
    without_engine().good("design", "--sample", f"--html={file}")
    return file


def write(folder: Path, text: str) -> Path:
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_the_page_fits_every_width_in_both_schemes_and_loads_nothing_but_itself(
    chromium: browser.Page, sample: Path, width: int, scheme: str
) -> None:
    chromium.open(sample, width=width, scheme=scheme)
    assert chromium.value("document.title") == "Key design"
    assert chromium.value("document.body.innerText").count("shopping") > 10
    assert chromium.value("document.querySelectorAll('.collection').length") == 13
    assert chromium.value("document.documentElement.scrollWidth") == width  # no horizontal scrolling
    assert chromium.errors() == []
    assert [url for url in chromium.requests() if url != "data:,"] == [sample.as_uri()]


def test_the_table_and_the_index_are_side_by_side_on_a_screen_and_stacked_on_a_phone(
    chromium: browser.Page, sample: Path
) -> None:
    tops = "[...document.querySelectorAll('.beside > .part')].map(part => Math.round(part.getBoundingClientRect().top))"
    chromium.open(sample, width=1280)
    table, index = chromium.value(tops)
    assert table == index
    chromium.open(sample, width=390)
    table, index = chromium.value(tops)
    assert table < index


def luminance(colour: str) -> float:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def test_text_is_light_on_dark_in_the_dark_scheme_and_dark_on_light_in_the_light_scheme(
    chromium: browser.Page, sample: Path
) -> None:
    for scheme, ground_is_dark in (("dark", True), ("light", False)):
        chromium.open(sample, scheme=scheme)
        ground = luminance(chromium.value("getComputedStyle(document.body).backgroundColor"))
        text = luminance(chromium.value("getComputedStyle(document.body).color"))
        assert (ground < 0.2 and text > 0.8) if ground_is_dark else (ground > 0.8 and text < 0.2)


def test_the_length_of_a_bar_is_proportional_to_the_items_of_its_collection(
    chromium: browser.Page, sample: Path
) -> None:
    chromium.open(sample)
    widths = chromium.value(
        "[...document.querySelectorAll('.beside > .part')].map(part =>"
        " [...part.querySelectorAll('.bar')].map(bar => [bar.children.length, bar.getBoundingClientRect().width]))"
    )
    for bars in widths:
        largest, full = bars[0]
        assert full > 300
        for items, width in bars[1:]:
            assert abs(width - full * items / largest) < 0.05 * full  # the frame of a hot collection is slightly wider


MANY_CATEGORIES = ["work", "home", "travel", "health", "garden", "study", "car", "ninth", "tenth", None]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of 10,000 users with 6,000 tasks in one category, and small collections beside large ones."""
    users = [User(f"u{number}", f"u{number}@example.org", "123") for number in range(10_000)]
    categories = ["shopping" if number % 10 < 6 else MANY_CATEGORIES[number // 10 % 10] for number in range(10_000)]
    tasks = [
        Task(f"u{number if number < 9000 else number % 40}", number, "x", 20261123, None, category, None)
        for number, category in enumerate([*categories, *["rare"] * 12])
    ]
    return write(tmp_path_factory.mktemp("large"), page(build(users, tasks, "todo-", patterns(), "Simulated.")))


@pytest.mark.parametrize("width", [390, 1280])
def test_every_segment_of_a_bar_is_visible_among_collections_of_very_different_size(
    chromium: browser.Page, large: Path, width: int
) -> None:
    chromium.open(large, width=width)
    bars = chromium.value(
        "[...document.querySelectorAll('.bar')].map(bar => [bar.getBoundingClientRect().width, [...bar.children].map("
        "one => [one.getBoundingClientRect().width, getComputedStyle(one).boxShadow === 'none' ? 0 : 1])])"
    )
    assert len(bars) == 61  # 50 users and 11 categories
    for full, segments in bars:
        assert min(width - line for width, line in segments) >= 1
        assert abs(sum(width for width, _ in segments) - full) < 1


def test_smaller_categories_do_not_look_like_no_category(chromium: browser.Page, large: Path, sample: Path) -> None:
    colours = "[...document.querySelectorAll('.beside .dot')].map(dot => getComputedStyle(dot).backgroundColor)"
    none = "getComputedStyle(document.querySelector('.legend span:last-child .dot')).backgroundColor"
    for scheme in ("light", "dark"):
        chromium.open(large, scheme=scheme)
        used = set(chromium.value(colours))
        assert len(used) == 9  # eight categories, and one colour for all others
        assert chromium.value(none) not in used
        assert chromium.value("document.querySelector('.legend').innerText").split("\n") == [
            "smaller categories no category"
        ]
    chromium.open(sample)
    assert "smaller categories" not in chromium.value("document.body.innerText")


def test_an_item_that_is_touched_or_focused_is_marked_in_the_table_and_in_the_index(
    chromium: browser.Page, sample: Path
) -> None:
    chromium.open(sample)
    marked = (
        "[...document.querySelectorAll('li.same')].map(item => item.closest('.collection').innerText.split('\\n')[0])"
    )
    first = "document.querySelector('.beside .items li')"
    assert chromium.value(marked) == []
    chromium.value(f"{first}.click()")
    assert chromium.value(marked) == ["emma", "shopping"]
    chromium.value("document.querySelector('h1').click()")
    assert chromium.value(marked) == []
    chromium.value(f"{first}.focus()")
    assert chromium.value(marked) == ["emma", "shopping"]


def test_stored_text_cannot_add_elements_or_scripts_to_the_page(chromium: browser.Page, tmp_path: Path) -> None:
    users = [User(NASTY, NASTY, NASTY)]
    tasks = [Task(NASTY, 1, NASTY, 20261123, None, NASTY, None)]
    file = write(tmp_path, page(build(users, tasks, "todo-", patterns(), NASTY)))
    for width in (390, 1280):
        chromium.open(file, width=width)
        assert chromium.value("document.body.innerText").count(NASTY) == 10
        assert chromium.value("document.images.length") == 0
        assert chromium.value("document.documentElement.scrollWidth") == width
        assert chromium.errors() == []
        assert [url for url in chromium.requests() if url != "data:,"] == [file.as_uri()]


def test_the_policy_of_the_page_allows_its_own_script_only(
    chromium: browser.Page, sample: Path, tmp_path: Path
) -> None:
    text = sample.read_text(encoding="utf-8")
    assert "script-src 'sha256-" in text
    for attack in ("<script>document.title = 'run'</script>", "<img src=x onerror=\"document.title = 'run'\">"):
        chromium.open(write(tmp_path, text.replace("<main>", f"<main>{attack}")))
        assert chromium.value("document.title") == "Key design"
        assert chromium.errors()
        chromium.value("document.querySelector('.items li').click()")
        assert chromium.value("document.querySelectorAll('.same').length") > 0  # the page's own script runs


def test_the_browser_reports_requests_and_errors(chromium: browser.Page, tmp_path: Path) -> None:
    chromium.open(write(tmp_path, '<!doctype html><img src="image.png"><script>console.error("x")</script>'))
    assert len([url for url in chromium.requests() if url.endswith("image.png")]) == 1
    assert chromium.errors()


def test_the_readme_shows_a_screenshot_of_less_than_200_kb() -> None:
    screenshot = (ROOT / "docs" / "design.png").read_bytes()
    assert screenshot[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(screenshot) < 200_000
    assert "](docs/design.png)" in (ROOT / "README.md").read_text()
