"""Who is answered: the browser with the token, from a page of this very address."""

import socket

import pytest

POLICY = "default-src 'self'"


def test_the_printed_address_gives_a_cookie_that_scripts_and_other_sites_cannot_use(reader):
    answer = reader.ask("GET", f"/models?token={reader.token}", Cookie=None)
    assert answer.status == 303
    assert answer.headers["location"] == "/models"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"livermore-{reader.port}={reader.token};")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "cookie", [None, "", "livermore-{port}=", "livermore-{port}=wrong", "livermore-1={token}", "="]
)
@pytest.mark.parametrize("target", ["/", "/?token=", "/?token=wrong", "/?token=%ff%00", "/live/events?name=x"])
def test_without_the_token_nothing_is_shown(cookie, target, reader):
    given = None if cookie is None else cookie.format(port=reader.port, token=reader.token)
    answer = reader.ask("GET", target, Cookie=given)
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert reader.token not in answer.text
    assert "Trend" not in answer.text


@pytest.mark.parametrize(
    "others",
    ['state={"a": 1}; {own}', "no value; {own}", 'x="open; {own}', "{own}; {name}=wrong", "{name}=wrong; {own}"],
)
def test_cookies_of_other_ports_do_not_hide_the_token(others, reader):
    given = others.replace("{own}", reader.cookie).replace("{name}", f"livermore-{reader.port}")
    assert reader.ask("GET", "/models", Cookie=given).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example",
        "",
        None,
        "127.0.0.1:x",
    ],
)
def test_another_host_is_refused_even_with_the_token(host, reader):
    given = None if host is None else host.format(port=reader.port)
    for target in ("/", f"/?token={reader.token}", "/static/style.css"):
        assert reader.ask("GET", target, Host=given).status in (400, 403)


def test_names_of_this_machine_are_hosts(reader):
    for host in (f"localhost:{reader.port}", f"LOCALHOST:{reader.port}", f"[::1]:{reader.port}"):
        assert reader.ask("GET", "/", Host=host).status == 200
    # Through a tunnel the browser knows another port.
    assert reader.ask("GET", "/", Host="localhost:9999", Cookie=f"livermore-9999={reader.token}").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", ""]
)
def test_a_foreign_origin_is_refused(origin, reader):
    given = origin.format(port=reader.port)
    assert reader.ask("GET", "/", Origin=given).status == 403
    assert reader.ask("POST", "/models/rollback", "folder=strategies%2FTrend&version=", Origin=given).status == 403


def test_an_action_without_an_origin_is_refused(reader):
    assert reader.ask("POST", "/models/rollback", "folder=strategies%2FTrend&version=").status == 403


@pytest.mark.parametrize(
    "target", ["/models/rollback?folder=strategies/Trend", "/live/kill?name=x&command=cancel", "/parity/check"]
)
def test_actions_are_by_post_alone(target, reader):
    answer = reader.get(target)
    assert answer.status == 405
    assert "set-cookie" not in answer.headers


def test_what_another_site_loads_is_refused(reader):
    for site in ("cross-site", "same-site"):
        assert reader.ask("GET", "/", Sec_Fetch_Site=site, Sec_Fetch_Dest="image").status == 403
        assert reader.ask("GET", "/", Sec_Fetch_Site=site, Sec_Fetch_Dest="document").status == 200


def test_all_answers_have_the_policy(reader):
    for target, cookie in (("/", reader.cookie), ("/", None), ("/nothing", reader.cookie), ("/static/live.js", None)):
        answer = reader.ask("GET", target, Cookie=cookie)
        assert answer.headers["content-security-policy"].startswith(POLICY)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_no_page_has_scripts_or_styles_in_it(reader):
    for page in ("/", "/candles", "/samples", "/models", "/reports", "/walk-forward", "/parity", "/nothing"):
        text = reader.get(page).text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " on" not in text.split("</header>")[0]


@pytest.mark.parametrize("target", ["//evil.example/x", "/%2fevil.example", "///evil.example"])
def test_the_token_leads_to_no_other_machine(target, reader):
    location = reader.ask("GET", f"{target}?token={reader.token}", Cookie=None).headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")


def test_a_form_that_is_too_large_is_refused(reader):
    assert reader.post("/models/rollback", folder="x" * 20_000).status == 404


def test_who_has_no_token_is_not_told_the_project_or_where_it_is(client, project):
    name = f"{project.name}</"
    assert name in client.get("/").text
    for target in ("/", "/static/nothing.css", f"/static/{'a' * 5000}.css", "/static/x/y", "/reports/file/assets/x.js"):
        answer = client.ask("GET", target, Cookie=None)
        assert answer.status in (403, 404)
        assert name not in answer.text
        assert "aaa.css" not in answer.text


def test_a_form_that_breaks_off_prints_no_traceback(client, caplog):
    with socket.create_connection((client.host, client.port), timeout=10) as sent:
        head = f"POST /models/rollback HTTP/1.1\r\nHost: {client.host}:{client.port}\r\nCookie: {client.cookie}\r\n"
        sent.sendall(f"{head}Origin: {client.origin}\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n".encode())
        while sent.recv(4096):
            pass
    assert client.get("/").status == 200
    assert "Traceback" not in caplog.text


def test_other_machines_cannot_connect(reader):
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
        socket.create_connection((own, reader.port), timeout=2)
