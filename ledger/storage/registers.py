"""Which register a setting means: a service by URL, or else a file by path."""

from collections.abc import Sequence
from pathlib import Path

from ledger.evidence.errors import EvidenceError
from ledger.evidence.vkeys import VerifierKey, parse_vkey
from ledger.storage.contract import Register
from ledger.storage.errors import SettingInvalid
from ledger.storage.register import FileRegister
from ledger.storage.register_service import RegisterService


def open_register(setting: Path | str, keys: Sequence[VerifierKey]) -> Register:
    """Return the register of the log with these `keys`.

    A service is named by its URL and, after `#`, its verifier key, as a witness shows it:
    `https://register.example/#register.example+1a2b3c4d+...`. `SettingInvalid` where the key is
    missing or none.
    """
    text = str(setting)
    if not text.startswith(("http://", "https://")):
        return FileRegister(Path(setting), keys)
    url, _, vkey = text.partition("#")
    try:
        service = parse_vkey(vkey)
    except EvidenceError as error:
        raise SettingInvalid(
            f"the register {url} needs its verifier key after `#` in the setting: {error}"
        ) from error
    return RegisterService(url, keys, service)
