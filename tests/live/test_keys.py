"""Keys come from the environment or the keyring, are never shown, and never stand in a project's files."""

import pickle
import sys
import types
from pathlib import Path

import pytest

from livermore.errors import LiveError
from livermore.live._keys import exchange_keys

KEY, SECRET = "public-part-1234", "private-part-5678"
ENVIRONMENT = {"LIVERMORE_KRAKEN_MAIN_KEY": KEY, "LIVERMORE_KRAKEN_MAIN_SECRET": SECRET}


def without_keyring(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)


def with_keyring(monkeypatch, values, error=None):
    errors = types.ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})
    errors.NoKeyringError = type("NoKeyringError", (errors.KeyringError, RuntimeError), {})
    module = types.ModuleType("keyring")

    def get_password(service, name):
        if error is not None:
            raise getattr(errors, error)("locked")
        return values.get((service, name))

    module.get_password, module.errors = get_password, errors
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_the_environment_is_asked_before_the_keyring(tmp_path, monkeypatch):
    service = "livermore:kraken:main"
    with_keyring(monkeypatch, {(service, "key"): "other", (service, "secret"): "another"})
    assert exchange_keys("kraken", "main", environment=ENVIRONMENT, root=tmp_path).secret == SECRET
    found = exchange_keys("kraken", "main", environment={}, root=tmp_path)
    assert (found.key, found.secret, found.source) == ("other", "another", "keyring")


def test_names_with_other_signs_become_names_of_variables(tmp_path):
    environment = {"LIVERMORE_BINANCE_PERPETUAL_FUTURES_MY_ACCOUNT_KEY": KEY}
    environment["LIVERMORE_BINANCE_PERPETUAL_FUTURES_MY_ACCOUNT_SECRET"] = SECRET
    found = exchange_keys("Binance Perpetual Futures", "my-account", environment=environment, root=tmp_path)
    assert found.key == KEY


def test_nothing_shows_or_pickles_them(tmp_path):
    keys = exchange_keys("kraken", "main", environment=ENVIRONMENT, root=tmp_path)
    for text in (repr(keys), str(keys), f"{keys}"):
        assert KEY not in text
        assert SECRET not in text
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(keys)


def test_without_keys_the_error_names_both_ways(tmp_path, monkeypatch):
    without_keyring(monkeypatch)
    with pytest.raises(LiveError, match=r"LIVERMORE_KRAKEN_MAIN_KEY.*livermore\[keyring\]"):
        exchange_keys("kraken", "main", environment={}, root=tmp_path)
    with_keyring(monkeypatch, {}, error="NoKeyringError")
    with pytest.raises(LiveError, match="LIVERMORE_KRAKEN_MAIN_KEY"):
        exchange_keys("kraken", "main", environment={}, root=tmp_path)


def test_half_of_a_pair_is_refused_and_not_shown(tmp_path, monkeypatch):
    without_keyring(monkeypatch)
    with pytest.raises(LiveError, match="MAIN_KEY is in the environment, but LIVERMORE_KRAKEN_MAIN_SECRET") as caught:
        exchange_keys("kraken", "main", environment={"LIVERMORE_KRAKEN_MAIN_KEY": KEY}, root=tmp_path)
    assert KEY not in str(caught.value)


def test_a_locked_keyring_is_an_error(tmp_path, monkeypatch):
    with_keyring(monkeypatch, {}, error="KeyringError")
    with pytest.raises(LiveError, match="the keyring cannot be read"):
        exchange_keys("kraken", "main", environment={}, root=tmp_path)


@pytest.mark.parametrize("name", ["settings.py", ".env", "strategies/One/__init__.py"])
def test_a_file_of_the_project_that_holds_them_is_refused(tmp_path, name):
    path = Path(tmp_path / name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"SECRET = '{SECRET}'\n")
    with pytest.raises(LiveError, match="have the exchange make new keys") as caught:
        exchange_keys("kraken", "main", environment=ENVIRONMENT, root=tmp_path)
    assert path.name in str(caught.value)
    assert SECRET not in str(caught.value)
