"""The keys of an account at an exchange, from the environment or the system's keyring (the extra ``keyring``)."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from livermore.errors import LiveError

__all__ = ["Keys", "exchange_keys"]

#: Larger files of a project are no settings that a person wrote.
LARGEST_FILE = 1_000_000


@dataclass(frozen=True)
class Keys:
    """The keys of an account. They are not shown, and cannot be pickled.

    Attributes
    ----------
    exchange, account : str
        Whose they are.
    source : str
        ``"environment"`` or ``"keyring"``.
    key, secret : str
        What ccxt calls ``apiKey`` and ``secret``.

    Examples
    --------
    >>> Keys("kraken", "main", "environment", "abc", "def")
    Keys(exchange='kraken', account='main', source='environment')
    """

    exchange: str
    account: str
    source: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not pickled: they would be written down, or sent to another process")


def exchange_keys(
    exchange: str, account: str, *, environment: Mapping[str, str] | None = None, root: Path | str = "."
) -> Keys:
    """Return the keys of an account at an exchange.

    The environment is asked first: ``LIVERMORE_<EXCHANGE>_<ACCOUNT>_KEY`` and ``…_SECRET``, in capitals, with ``_`` in
    place of other signs. Then the keyring of the system: service ``livermore:<exchange>:<account>``, names ``key`` and
    ``secret``.

    Parameters
    ----------
    exchange, account : str
        Such as ``"kraken"`` and ``"main"``, a name that the user chooses.
    environment : mapping, optional
        By default that of the process.
    root : path-like
        The project folder. Its own files and those of its strategies must not hold the keys.

    Raises
    ------
    LiveError
        If there are no keys, one of the two is missing, the keyring cannot be read, or a file of the project holds
        them.

    Examples
    --------
    >>> exchange_keys("kraken", "main", environment={
    ...     "LIVERMORE_KRAKEN_MAIN_KEY": "abcdefgh", "LIVERMORE_KRAKEN_MAIN_SECRET": "ijklmnop"
    ... }).source
    'environment'
    """
    given = os.environ if environment is None else environment
    keys = _from_environment(given, exchange, account) or _from_keyring(exchange, account)
    if keys is None:
        first, second = _variables(exchange, account)
        raise LiveError(
            f"there are no keys for {exchange}, account {account}. Set {first} and {second} in the environment; or put "
            f"them into the system's keyring (pip install 'livermore[keyring]'), each with its command: "
            f"keyring set {_service(exchange, account)} key; keyring set {_service(exchange, account)} secret"
        )
    for path in _project_files(Path(root)):
        _refuse_file_with(keys, path)
    return keys


def _variables(exchange: str, account: str) -> tuple[str, str]:
    stem = "_".join(re.sub(r"[^A-Z0-9]+", "_", part.upper()).strip("_") for part in ("livermore", exchange, account))
    return f"{stem}_KEY", f"{stem}_SECRET"


def _service(exchange: str, account: str) -> str:
    return f"livermore:{exchange}:{account}"


def _from_environment(environment: Mapping[str, str], exchange: str, account: str) -> Keys | None:
    names = _variables(exchange, account)
    return _pair([environment.get(name) for name in names], names, exchange, account, "environment")


def _from_keyring(exchange: str, account: str) -> Keys | None:
    """Ask the keyring; None if it is not installed or has nothing."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    service = _service(exchange, account)
    try:
        found: list[Any] = [keyring.get_password(service, name) for name in ("key", "secret")]
    except keyring.errors.NoKeyringError:
        return None
    except keyring.errors.KeyringError as error:
        raise LiveError(f"the keyring cannot be read: {type(error).__name__}: {error}") from error
    return _pair(found, (f"{service} key", f"{service} secret"), exchange, account, "keyring")


def _pair(values: list[str | None], names: tuple[str, str], exchange: str, account: str, source: str) -> Keys | None:
    key, secret = (None if value is None else value.strip() for value in values)
    if not key and not secret:
        return None
    if not key or not secret:
        there, lacking = names if key else names[::-1]
        raise LiveError(f"{there} is in the {source}, but {lacking} is not; both are needed")
    return Keys(exchange, account, source, key, secret)


def _project_files(root: Path) -> Iterator[Path]:
    """Yield the files that people write: those directly in the folder of a project, and all of its strategies."""
    for path in sorted([*root.glob("*"), *root.glob("strategies/**/*")]):
        if path.is_file() and path.stat().st_size <= LARGEST_FILE:
            yield path


def _refuse_file_with(keys: Keys, path: Path) -> None:
    try:
        text = path.read_bytes()
    except OSError:
        return
    if any(value.encode() in text for value in (keys.key, keys.secret)):
        raise LiveError(
            f"{path} holds a key of {keys.exchange}, account {keys.account}. A project is copied, committed and "
            "shared: remove it there, and have the exchange make new keys"
        )
