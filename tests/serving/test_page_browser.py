"""The pages in a real browser: with and without scripts, by keyboard, on a phone, printed, and judged by axe."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from mecelle.serving.app import create_app
from mecelle.serving.settings import Limits, ServiceSettings

INSTALL = "apt-get install chromium && pip install playwright axe-playwright-python"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

playwright = pytest.importorskip("playwright.sync_api", reason=f"no Playwright: {INSTALL}")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=f"no axe: {INSTALL}")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=f"no Chromium: {INSTALL}")

DECISION = "Yargıtay 4. HD, E. 2024/3494, K. 2024/5460, 29.05.2024"
PHONE = {"width": 390, "height": 844}
Open = Callable[..., Any]


@contextmanager
def served(settings: ServiceSettings) -> Iterator[str]:
    """A service on a free port of loopback; its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(settings), log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def address(shown: Path) -> Iterator[str]:
    with served(ServiceSettings(index=shown, limits=Limits(requests_per_minute=100_000))) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Open]:
    """Open a page: `visit("/?q=kira", viewport=PHONE)`. Nothing may be logged as an error or asked from elsewhere."""
    contexts, faults = [], []

    def start(path: str, *, at: str = address, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(120_000)  # milliseconds: four times Playwright's own, for machines at work
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda said: said.type == "error" and "status of 4" not in said.text and faults.append(said.text)
        )
        page.on("request", lambda asked: asked.url.startswith(at) or faults.append(asked.url))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.goto(at + path)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not faults


def open_decision(page: Any) -> None:
    page.get_by_role("link", name=DECISION).first.click()
    page.wait_for_url("**/documents/**")


PAGES = {
    "home": "/",
    "results": "/?q=manevi+tazminat+kira&chamber=4.+HD",
    "wrong form": "/?q=kira&year_from=20x",
    "nothing": "/?q=zxqvw",
    "article": "/article?key=6098:m90&on=2019-01-01",
    "answer": "/answer?q=manevi+tazminat",
    "login": "/login",
    "fault": "/documents/none",
}


def judge(page: Any, name: str, **options: Any) -> None:
    """Fail on what axe calls serious or critical."""
    found = axe.Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    serious = [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious, f"{name}: {serious}"


def test_axe_finds_nothing_serious(visit: Open) -> None:
    page = visit("/?q=2024/3494")
    at = page.url.partition("/?")[0]
    open_decision(page)
    judge(page, "decision")
    for name, path in PAGES.items():
        page.goto(at + path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        judge(page, name)


def test_contrast_is_enough_in_the_dark_on_a_phone(visit: Open) -> None:
    page = visit("/?q=2024/3494", color_scheme="dark", viewport=PHONE)
    at = page.url.partition("/?")[0]
    only = {"runOnly": ["color-contrast", "target-size", "link-in-text-block"]}
    open_decision(page)
    judge(page, "decision", **only)
    for name in ("results", "wrong form", "article", "answer"):
        page.goto(at + PAGES[name])
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        judge(page, name, **only)


def test_search_and_reading_work_without_scripts(visit: Open) -> None:
    page = visit("/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Sorunuz").fill("manevi tazminat")
    page.locator("summary", has_text="Süzgeçler").click()
    page.get_by_label("Daire").fill("4. HD")
    page.get_by_role("button", name="Uygula").click()
    page.wait_for_url("**chamber=4.+HD**")
    assert page.input_value("#q") == "manevi tazminat"
    assert page.locator("mark").first.is_visible()
    assert not page.locator("[data-js]").first.is_visible()
    page.locator("summary", has_text="Süzgeçler").click()
    page.get_by_label("Karşı oy").check()
    page.get_by_role("button", name="Ara", exact=True).click()
    page.wait_for_url("**section=dissent**")
    assert page.get_by_label("Daire").first.input_value() == "4. HD"
    assert page.locator("[data-hit]").count() == 1
    open_decision(page)
    assert page.get_by_role("heading", name="Karşı oy").is_visible()
    page.locator(".notes").get_by_role("link", name="6098 sayılı Kanun m. 90").click()
    page.wait_for_url("**/article?**")
    assert page.get_by_role("note").first.inner_text().startswith("Dikkat. Bu madde yürürlükten kalkmıştır")


def test_the_keyboard_reaches_everything(visit: Open) -> None:
    page = visit("/?q=kira+bedelini+ödemediği")
    focused = "document.activeElement.closest('.hit')?.parentElement.matches(':nth-child(%d)') ?? false"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused % 1)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    assert page.evaluate(focused % 2)
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("j/")
    assert page.input_value("#q").endswith("j/"), "letters that are typed are no shortcuts"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.locator("summary", has_text="Süzgeçler").click()
    page.get_by_label("Daire").focus()
    page.keyboard.press("Escape")
    assert not page.get_by_label("Daire").is_visible()
    page.locator("body").press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/**")


def test_a_citation_is_copied_in_the_usual_form(visit: Open) -> None:
    page = visit("/?q=2024/3494", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name=f"Atfı kopyala: {DECISION}").click()
    playwright.expect(page.locator("#said")).to_have_text("Kopyalandı")
    assert page.evaluate("navigator.clipboard.readText()") == DECISION


def test_the_appearance_is_kept(visit: Open) -> None:
    page = visit("/", color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    toggle = page.get_by_role("button", name="Koyu görünüm")
    assert toggle.get_attribute("aria-pressed") == "false"
    toggle.click()
    dark = page.evaluate(paper)
    assert dark != light
    page.reload()
    assert page.evaluate(paper) == dark
    assert toggle.get_attribute("aria-pressed") == "true"


def test_empty_fields_stay_out_of_the_address(visit: Open) -> None:
    page = visit("/?q=kira")
    page.locator("summary", has_text="Süzgeçler").click()
    page.get_by_label("Daire").fill("3. HD")
    page.fill("#q", "tahliye")
    page.get_by_role("button", name="Uygula").click()
    page.wait_for_url("**/?q=tahliye&chamber=3.+HD")


def test_what_is_slow_is_said(visit: Open) -> None:
    page = visit("/")
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")  # a search that never ends
    page.clock.install()
    page.clock.pause_at("2100-01-01")  # else the machine's own time goes on, and on a busy one half a second is over
    page.fill("#q", "kira")
    page.keyboard.press("Enter")
    assert page.locator(".waiting").count() == 0
    page.clock.run_for(500)
    assert page.locator(".waiting").inner_text() == "Aranıyor …"
    page.clock.run_for(4_000)
    assert "Beklenenden uzun" in page.locator(".waiting").inner_text()
    page.clock.run_for(100)
    assert "Beklenenden uzun" in page.locator("#said").text_content()


def test_the_answer_comes_in_place_and_a_dead_model_is_told(visit: Open, shown: Path, model: Any) -> None:
    model.text = "Kusurlu ve hukuka aykırı bir fiille başkasına zarar veren, bu zararı gidermekle yükümlüdür [1]."
    with served(ServiceSettings(index=shown, endpoint=model.endpoint)) as at:
        page = visit("/?q=kusurlu+ve+hukuka+aykırı+fiille+zarar+veren", at=at)
        page.get_by_role("button", name="Yanıt iste").click()
        page.wait_for_selector("#answer .told")
        assert "gidermekle yükümlüdür" in page.locator("#answer .told").inner_text()
        assert page.locator("[data-hit]").count() > 0
        page.locator(".source").first.click()
        assert page.locator("#source-1").is_visible()
        model.behaviour = lambda request: request.send_error(500)
        page.reload()
        page.get_by_role("button", name="Yanıt iste").click()
        page.wait_for_selector("#answer .told")
        assert "ulaşılamadı" in page.locator("#answer .told").inner_text()


def test_markup_of_strangers_never_runs(visit: Open, hostile: str) -> None:
    page = visit("/")
    page.fill("#q", f"düşmanca {hostile}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.input_value("#q") == f"düşmanca {hostile}"
    page.locator("[data-hit]").first.click()
    page.wait_for_url("**/documents/**")
    assert hostile in page.locator(".text").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".text img, .text script").count() == 0


def test_nothing_is_wider_than_a_phone(visit: Open) -> None:
    page = visit("/", viewport={"width": 320, "height": 700})
    at = page.url.rstrip("/")
    for path in (*PAGES.values(), "/?q=2024/3494", "/?q=düşmanca"):
        page.goto(at + path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.locator("[data-hit]").first.click()
    page.wait_for_url("**/documents/**")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a document"


def test_print_leaves_the_text(visit: Open) -> None:
    page = visit("/?q=2024/3494")
    open_decision(page)
    page.emulate_media(media="print")
    for hidden in (".top", ".bottom", ".copy", ".similar"):
        assert not page.locator(hidden).first.is_visible(), hidden
    for kept in ("h1", ".label", ".row p", ".notes"):
        assert page.locator(kept).first.is_visible(), kept
    assert len(page.pdf()) > 1_000


def test_a_token_opens_the_page(visit: Open, shown: Path, secrets: dict[str, str]) -> None:
    with served(ServiceSettings(index=shown, tokens=Path(secrets["file"]))) as at:
        page = visit("/?q=kira", at=at)
        page.get_by_label("Erişim anahtarı").fill("mecelle_wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("#token-fault")
        assert "tanınmıyor" in page.locator("#token-fault").inner_text()
        page.get_by_label("Erişim anahtarı").fill(secrets["search"])
        page.get_by_role("button", name="Giriş yap").click()
        page.wait_for_selector("[data-hit]")
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Çıkış").click()
        page.wait_for_selector("#token")
