"""One-time codes of an authenticator app (TOTP); the shared secret lies in the vault."""

import asyncio
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from typing import Final

import pyotp

from hookswitch.app.clock import now_ms
from hookswitch.config.secrets import new_password
from hookswitch.model.access import Administrator
from hookswitch.store.port import SecretStore
from hookswitch.vault import Vault

ISSUER: Final = "Hookswitch"
STEP_S: Final = 30
REFERENCE: Final = "totp:"
RECOVERY: Final = "recovery:"
CODES: Final = 8


class SecondFactor:
    """A code counts once, and its neighbours do too: clocks of phones are not exact."""

    def __init__(self, vault: Vault, store: SecretStore) -> None:
        self._vault, self._store = vault, store
        self._using = asyncio.Lock()

    async def begin(self, person: Administrator) -> Mapping[str, str]:
        """Make a secret, which counts once a code of it is confirmed."""
        secret = pyotp.random_base32()
        await self._store.replace_secrets(
            await self._vault.seal({REFERENCE + person.name: secret}, now_ms())
        )
        uri = pyotp.TOTP(secret).provisioning_uri(name=person.name, issuer_name=ISSUER)
        return {"secret": secret, "uri": uri}

    async def step_of(self, person: Administrator, code: str) -> int | None:
        """The time step that `code` is of; None if it is wrong or was used before."""
        reference = REFERENCE + person.name
        found = (await self._vault.find([reference])).reveal()
        given = re.sub(r"\s", "", code)
        if reference not in found or not re.fullmatch(r"[0-9]{6}", given):
            return None
        totp, now = pyotp.TOTP(found[reference]), int(time.time()) // STEP_S
        for step in (now, now - 1, now + 1):
            right = hmac.compare_digest(totp.generate_otp(step), given)
            if right and step > person.totp_step:
                return step
        return None

    async def recovery_codes(self, name: str) -> Sequence[str]:
        """Make new ones; each counts once, in the place of a code of the app."""
        codes = [new_password()[:10] for _ in range(CODES)]
        await self._keep(name, [_bare(code) for code in codes])
        return [f"{code[:5]}-{code[5:]}" for code in codes]

    async def recovers(self, name: str, code: str) -> bool:
        """Whether it is one that was not used yet; from now on it was."""
        async with self._using:
            found = (await self._vault.find([RECOVERY + name])).reveal()
            left = found.get(RECOVERY + name, "").split()
            given = _bare(code)
            right = [one for one in left if hmac.compare_digest(one.encode(), given.encode())]
            if not right:
                return False
            await self._keep(name, [one for one in left if one not in right])
            return True

    async def _keep(self, name: str, codes: Sequence[str]) -> None:
        """They lie encrypted, as the secret of the app does."""
        sealed = await self._vault.seal({RECOVERY + name: " ".join(codes)}, now_ms())
        await self._store.replace_secrets(sealed)

    async def forget(self, name: str) -> None:
        await self._store.delete_secrets([REFERENCE + name, RECOVERY + name])


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code)
