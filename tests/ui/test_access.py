"""Who is answered: the browser with the token, from a page of this very address."""

import socket

import pytest

POLICY = "default-src 'self'"


def test_the_printed_address_gives_a_cookie_that_scripts_and_other_sites_cannot_use(client):
    answer = client.ask("GET", f"/models?token={client.token}", Cookie=None)
    assert answer.status == 303
    assert answer.headers["location"] == "/models"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"livermore-{client.port}={client.token};")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("cookie", [None, "", "livermore-{port}=", "livermore-{port}=wrong", "livermore-1={token}", "="])
@pytest.mark.parametrize("target", ["/", "/?token=", "/?token=wrong", "/?token=%ff%00", "/live/events?name=x"])
def test_without_the_token_nothing_is_shown(cookie, target, client):
    given = None if cookie is None else cookie.format(port=client.port, token=client.token)
    answer = client.ask("GET", target, Cookie=given)
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert client.token not in answer.text
    assert "Trend" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.evil.example", "", None, "127.0.0.1:x"],
)
def test_another_host_is_refused_even_with_the_token(host, client):
    given = None if host is None else host.format(port=client.port)
    for target in ("/", f"/?token={client.token}", "/static/style.css"):
        assert client.ask("GET", target, Host=given).status in (400, 403)


def test_names_of_this_machine_are_hosts(client):
    for host in (f"localhost:{client.port}", f"LOCALHOST:{client.port}", f"[::1]:{client.port}"):
        assert client.ask("GET", "/", Host=host).status == 200
    # Through a tunnel the browser knows another port.
    assert client.ask("GET", "/", Host="localhost:9999", Cookie=f"livermore-9999={client.token}").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", ""])
def test_a_foreign_origin_is_refused(origin, client, project):
    given = origin.format(port=client.port)
    assert client.ask("GET", "/", Origin=given).status == 403
    assert client.ask("POST", "/models/rollback", "folder=strategies%2FTrend&version=", Origin=given).status == 403


def test_an_action_without_an_origin_is_refused(client):
    assert client.ask("POST", "/models/rollback", "folder=strategies%2FTrend&version=").status == 403


@pytest.mark.parametrize("target", ["/models/rollback?folder=strategies/Trend", "/live/kill?name=x&command=cancel", "/parity/check"])
def test_actions_are_by_post_alone(target, client):
    answer = client.get(target)
    assert answer.status == 405
    assert "set-cookie" not in answer.headers


def test_what_another_site_loads_is_refused(client):
    for site in ("cross-site", "same-site"):
        assert client.ask("GET", "/", Sec_Fetch_Site=site, Sec_Fetch_Dest="image").status == 403
        assert client.ask("GET", "/", Sec_Fetch_Site=site, Sec_Fetch_Dest="document").status == 200


def test_all_answers_have_the_policy(client):
    for target, cookie in (("/", client.cookie), ("/", None), ("/nothing", client.cookie), ("/static/live.js", None)):
        answer = client.ask("GET", target, Cookie=cookie)
        assert answer.headers["content-security-policy"].startswith(POLICY)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_no_page_has_scripts_or_styles_in_it(client):
    for page in ("/", "/candles", "/samples", "/models", "/reports", "/walk-forward", "/parity", "/nothing"):
        text = client.get(page).text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " on" not in text.split("</header>")[0]


@pytest.mark.parametrize("target", ["//evil.example/x", "/%2fevil.example", "///evil.example"])
def test_the_token_leads_to_no_other_machine(target, client):
    location = client.ask("GET", f"{target}?token={client.token}", Cookie=None).headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")


def test_a_form_that_is_too_large_is_refused(client):
    assert client.post("/models/rollback", folder="x" * 20_000).status == 404


def test_other_machines_cannot_connect(client):
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError, match="refused|timed out|unreachable"):
        socket.create_connection((own, client.port), timeout=2)
