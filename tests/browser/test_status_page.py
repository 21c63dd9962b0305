"""The status page in a browser: read on a phone, in the dark and by keyboard, and running nothing of anybody else's."""

from pathlib import Path

import pytest
from tests.browser.conftest import Open, Opened
from tests.core.page.reports import MARKUP, calm, drawings, eventful, hostile, hostile_drawings
from tests.core.text.hostile import HOSTILE

from workflowops.core.page.document import page

pytestmark = pytest.mark.browser

MEASURING = (Path(__file__).parent / "measuring.js").read_text(encoding="utf-8")
BUSY = page(eventful(), drawings(), repository="acme/workflows")
LONG = "Synchronisierungsvorgangsüberwachung" * 6


def unfolded(opened: Opened) -> Opened:
    opened.tell("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    return opened


def rows(opened: Opened) -> list[str]:
    return [each for each in opened.page.locator(".matrix tbody tr:visible th > bdi").all_inner_texts() if each]


def focused(opened: Opened) -> str:
    return str(opened.tell("document.activeElement.id || document.activeElement.textContent.trim()"))


@pytest.mark.parametrize("text", [*MARKUP.values(), HOSTILE["right to left"], HOSTILE["tag"]])
def test_nothing_in_a_name_runs_loads_or_complains(open_page: Open, text: str) -> None:
    opened = unfolded(open_page(page(hostile(text), hostile_drawings(text), repository=text)))
    for link in opened.page.locator("summary").all():
        link.hover()
    assert opened.tell("window.hacked === undefined")
    assert opened.requests == []
    assert opened.said == []
    assert opened.tell("[...document.links].every((each) => /^(https?|file):/.test(each.protocol))")
    assert opened.page.title().startswith("WorkflowOps status of ")


def test_an_injected_script_would_not_run(open_page: Open) -> None:
    html = BUSY.replace("<main", "<script>window.hacked=1</script><img src='https://127.0.0.1:9/x.png'><main", 1)
    opened = open_page(html)
    assert opened.tell("window.hacked === undefined")
    assert [each for each in opened.said if "Content Security Policy" in each]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_everything_is_readable_and_named_at_every_width(open_page: Open, width: int, scheme: str) -> None:
    opened = unfolded(open_page(BUSY, width=width, scheme=scheme))
    found = opened.tell(MEASURING)
    assert found == {"faint": [], "nameless": [], "small": [], "outside": [], "width": width}
    assert opened.said == []


def test_the_measure_of_contrast_finds_what_is_faint(open_page: Open) -> None:
    opened = open_page(BUSY.replace("--quiet:#57606a", "--quiet:#b0b8c0", 1))
    assert opened.tell(MEASURING)["faint"]


@pytest.mark.parametrize("text", [LONG, "W" * 300, "長い名前" * 60])
def test_long_names_do_not_widen_a_phone(open_page: Open, text: str) -> None:
    opened = unfolded(open_page(page(hostile(text), hostile_drawings(text), repository=text), width=360))
    assert opened.tell("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("text", [LONG, "W" * 300, "長い名前" * 60, "👩‍👩‍👧‍👦" * 60, "Check the Order, then Ship"])
def test_a_name_stays_inside_its_box(open_page: Open, text: str) -> None:
    opened = unfolded(open_page(page(hostile(text), hostile_drawings(text))))
    found = opened.tell(
        "[...document.querySelectorAll('g.node')].map((each) => [each.querySelector('rect').getBBox(),"
        " ...[...each.querySelectorAll('text:not(.mark)')].map((one) => one.getBBox())])"
        ".map(([box, ...lines]) => lines.map((line) => box.x + box.width - line.x - line.width)).flat()"
    )
    assert isinstance(found, list)
    assert len(found) > 20
    assert min(found) >= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_page_is_light_and_cuts_no_graph(open_page: Open, scheme: str) -> None:
    opened = unfolded(open_page(BUSY, width=700, scheme=scheme))
    opened.page.emulate_media(media="print", color_scheme=scheme)
    assert opened.tell("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.tell(
        "[...document.querySelectorAll('svg')].every((each) =>"
        " each.getBoundingClientRect().right <= each.closest('.scroll').getBoundingClientRect().right + 1)"
    )


def test_dark_is_dark(open_page: Open) -> None:
    colors = [
        open_page(BUSY, scheme=scheme).tell("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert colors == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


def test_the_first_key_offers_to_skip_to_the_content(open_page: Open) -> None:
    opened = open_page(BUSY)
    opened.page.keyboard.press("Tab")
    assert focused(opened) == "Skip to the content"
    opened.page.keyboard.press("Enter")
    assert focused(opened) == "content"


def test_the_matrix_is_filtered_by_keyboard(open_page: Open) -> None:
    opened = open_page(BUSY)
    assert len(rows(opened)) == 8
    opened.page.locator("#filters input[value=all]").focus()
    opened.page.keyboard.press("ArrowRight")
    assert rows(opened) == ["Nightly Import", "Order Processing"]
    assert opened.page.locator("#shown").inner_text() == "2 of 8 workflows"
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.type("ORDER")
    assert rows(opened) == ["Order Processing"]
    opened.page.keyboard.press("Enter")
    assert rows(opened) == ["Order Processing"]


def test_an_entry_is_unfolded_by_keyboard(open_page: Open) -> None:
    opened = open_page(BUSY)
    opened.page.locator("#incident-42 > summary").focus()
    assert opened.page.locator("#incident-42 svg").first.is_hidden()
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("#incident-42 svg").first.is_visible()


def test_the_focus_can_be_seen_wherever_it_goes(open_page: Open) -> None:
    opened = unfolded(open_page(BUSY))
    unseen, steps = [], 0
    while steps < 200:
        opened.page.keyboard.press("Tab")
        steps += 1
        looks = opened.tell(
            "(() => { const at = document.activeElement; if (at === document.body) return null;"
            " const seen = at.type === 'radio' ? at.nextElementSibling : at; const style = getComputedStyle(seen);"
            " return [style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, at.outerHTML.slice(0, 60)];"
            " })()"
        )
        if looks is None:
            break
        unseen += [] if looks[0] else [looks[1]]
    assert unseen == []
    assert 15 < steps < 200


@pytest.mark.parametrize("width", [360, 1280])
def test_a_screen_reader_meets_landmarks_headings_and_a_table(open_page: Open, width: int) -> None:
    opened = open_page(BUSY, width=width)
    session = opened.page.context.new_cdp_session(opened.page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    told = [(each["role"]["value"], each.get("name", {}).get("value", "")) for each in tree if not each["ignored"]]
    roles = [role for role, _ in told]
    assert {"banner", "main", "navigation", "contentinfo"} <= {*roles}
    assert roles.count("main") == roles.count("banner") == 1
    assert ("table", "Source-managed workflows by environment, what needs a look first") in told
    assert ("columnheader", "Production") in told
    assert next(name for role, name in told if role == "rowheader").startswith("Nightly Import")
    assert ("heading", "Workflows") in told
    pictures = [name for role, name in told if role in ("image", "img") and name.startswith("n8n ran")]
    assert pictures
    assert "Added: Wait for Stock." in pictures[0]


def test_without_scripts_everything_is_there_and_no_filter_that_would_not_work(open_page: Open) -> None:
    opened = open_page(BUSY, runs_scripts=False)
    assert opened.page.locator(".matrix tbody tr").count() == 8
    assert opened.page.locator("#filters").is_hidden()


def test_a_link_from_a_cell_leads_to_its_promotion(open_page: Open) -> None:
    opened = open_page(BUSY)
    opened.page.locator(".matrix a", has_text="promo-1").click()
    assert opened.page.locator("#promo-1").is_visible()
    assert opened.page.url.endswith("#promo-1")


def test_a_calm_page_has_nothing_to_complain_about(open_page: Open) -> None:
    opened = open_page(page(calm(), drawings()), width=360)
    assert opened.tell(MEASURING)["faint"] == []
    assert opened.page.locator(".verdict").inner_text() == "Every workflow that Git manages runs as Git says."
