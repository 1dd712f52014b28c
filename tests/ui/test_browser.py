"""The pages in a real browser: no errors, readable on a phone, by keyboard and by screen readers, and alive."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ui.conftest import serving
from tests.ui.devtools import DevTools
from tests.ui.sessions import running_session, until
from tests.ui.test_live_screens import make_session
from tests.ui.web import Client

from livermore.research import list_models

pytestmark = pytest.mark.browser

PHONE, DESKTOP = 375, 1200
#: Where axe.min.js of the npm package axe-core is.
AXE = os.environ.get("LIVERMORE_AXE", "")
DRAWN = "[...document.querySelectorAll('[data-chart]')].every(place => place.querySelector('canvas'))"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevTools]:
    """A tab of a browser."""
    browser = DevTools(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a project with a live session that has ended."""
    root = Path(shutil.copytree(built, tmp_path_factory.mktemp("site") / "project"))
    make_session(root)
    with serving(root) as client:
        client.root = root
        yield client


@pytest.fixture
def opened(tab: DevTools, site: Client) -> DevTools:
    """The tab, with the cookie of the site."""
    tab.open(f"{site.origin}/?token={site.token}")
    tab.problems.clear()
    return tab


def addresses(site: Client) -> list[str]:
    """Return an address of each page."""
    versions = [row["version"] for row in list_models(site.root / "strategies" / "Trend")]
    (report,) = (site.root / "reports").glob("*.html")
    folder = "folder=strategies%2FTrend"
    return [
        "/",
        "/candles",
        "/candles/market?base=1m&exchange=Sandbox&symbol=GAP-USDT",
        "/samples",
        "/samples/file?file=strategies%2FTrend%2Fml_data%2FTrend_data.csv",
        "/models",
        f"/models/comparison?{folder}&a={versions[0]}&b={versions[1]}",
        f"/models/lineage?{folder}&version={versions[0]}",
        "/reports",
        f"/reports/report?name={report.name}",
        "/comparisons",
        "/walk-forward",
        "/live",
        "/live/session?name=first",
        "/predictions?session=first",
        "/parity",
    ]


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_each_page_opens_without_errors_and_fits(width, opened, site):
    for address in addresses(site):
        opened.open(site.origin + address, width)
        opened.wait_until(lambda: opened.run(DRAWN), f"the charts of {address} are drawn")
        assert opened.run("document.documentElement.scrollWidth") <= width, address
        assert opened.run("document.querySelectorAll('main img, main b[onclick]').length") == 0, address
        assert opened.problems == [], address


def test_a_report_draws_its_plots_in_the_sandbox(opened, site):
    (report,) = (site.root / "reports").glob("*.html")
    opened.open(f"{site.origin}/reports/file/{report.name}")
    opened.wait_until(lambda: opened.run("document.querySelector('.main-svg') !== null"), "plots are drawn")
    assert opened.run("window.origin") == "null"
    assert opened.run(f"fetch('{site.origin}/models').then(() => 'read', () => 'refused')") == "refused"
    assert opened.run("(() => { try { return document.cookie } catch { return 'refused' } })()") == "refused"


def test_a_foreign_page_gets_nothing(opened, site, tmp_path):
    page = tmp_path / "foreign.html"
    page.write_text(
        f"<form id=form method=post action='{site.origin}/models/rollback'><input name=folder value='strategies/Trend'>"
        f"<input name=version value=''></form><iframe id=frame src='{site.origin}/models'></iframe>"
    )
    before = [row["current"] for row in list_models(site.root / "strategies" / "Trend")]
    opened.open(page.as_uri())
    assert opened.run(f"fetch('{site.origin}/models').then(() => 'read', () => 'refused')") == "refused"
    opened.run("form.submit()")
    opened.wait_until(lambda: opened.run("document.title").startswith("Refused"), "the form is refused")
    assert [row["current"] for row in list_models(site.root / "strategies" / "Trend")] == before


def test_everything_is_reached_by_keyboard(opened, site):
    wanted = "main a, main button, main select, nav a, .table[tabindex]"
    for address in ("/models", "/live/session?name=first", "/candles"):
        opened.open(site.origin + address)
        opened.wait_until(lambda: opened.run(DRAWN), "charts are drawn")
        opened.run(f"document.querySelectorAll({wanted!r}).forEach(node => node.dataset.wanted = '')")
        opened.run("document.addEventListener('focusin', event => delete event.target.dataset.wanted)")
        opened.press("Tab", 9)
        assert opened.run("document.activeElement.textContent") == "Skip to the page"
        for _ in range(opened.run(f"document.querySelectorAll({wanted!r}).length") + 5):
            opened.press("Tab", 9)
        left = "[...document.querySelectorAll('[data-wanted]')].map(node => node.outerHTML.slice(0, 100))"
        # What the events of a live page have replaced has no mark any more.
        assert opened.run(left) == [], address


@pytest.mark.skipif(not Path(AXE).is_file(), reason="axe-core is not here: set LIVERMORE_AXE to its axe.min.js")
@pytest.mark.parametrize(("width", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_axe_has_no_serious_finding(width, scheme, opened, site):
    opened.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    source = Path(AXE).read_text()
    for address in addresses(site):
        opened.open(site.origin + address, width)
        opened.wait_until(lambda: opened.run(DRAWN), "charts are drawn")
        opened.run(source + ";undefined")
        # A report is a page of its own, in a frame that nothing of this page can look into.
        found = opened.run("axe.run({exclude: [['iframe']]}, {iframes: false})")
        assert len(found["passes"]) > 10, address
        assert [_shown(item) for item in found["violations"] if item["impact"] in ("serious", "critical")] == [], (
            address
        )


def _shown(finding: dict[str, Any]) -> str:
    return f"{finding['id']}: {[node['html'][:150] for node in finding['nodes']]}"


def test_a_live_page_follows_its_session_and_the_kill_switch_stops_it(tab, project):
    pytest.importorskip("ccxt", reason="livermore's extra ccxt is not installed")

    def shows(text: str) -> bool:
        return text in tab.run("document.getElementById('live')?.innerText ?? ''")

    with serving(project) as client, running_session(project) as session:
        until(lambda: len(session.session.trades) > 5, "there are trades")
        tab.open(f"{client.origin}/live/session?name=first&token={client.token}")
        tab.open(f"{client.origin}/live/session?name=first")
        tab.problems.clear()
        before = tab.run("document.getElementById('live')?.innerText ?? ''")
        tab.wait_until(lambda: not shows(before), "the page changes by itself")
        tab.run("document.getElementById('flatten').focus()")
        tab.press("Enter", 13, "\r")
        tab.wait_until(lambda: session._obeyed == "flatten", "the session obeys")
        trades, last = len(session.session.trades), session.next_minute
        tab.wait_until(lambda: shows("Nothing is opened: kill switch: flatten"), "the page says so")
        said = "document.getElementById('said').textContent"
        tab.wait_until(lambda: tab.run(said) == "Entries: kill switch: flatten", "screen readers are told")
        until(lambda: session.next_minute > last + 600_000, "ten minutes have passed")
        assert len(session.session.trades) == trades
        tab.run("document.getElementById('release').click()")
        until(lambda: len(session.session.trades) > trades, "it trades again")
        tab.wait_until(lambda: not shows("Nothing is opened: kill"), "the page says so")
        lost = "document.getElementById('lost').innerText"
        assert tab.run(lost) == ""
        assert tab.problems == []
    tab.wait_until(lambda: "does not answer" in tab.run(lost), "the page says that it is old")
