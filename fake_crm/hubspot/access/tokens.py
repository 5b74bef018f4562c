"""Who calls: the account's private apps, and one OAuth app with its codes, refresh tokens and access tokens.

Tokens come from the seed and end by the fake's clock. Source: facts 2.1 to 2.3. Our guesses: a code lives ten minutes; a second
authorization of the app keeps its refresh token and takes over the new scopes; earlier access tokens live on until they end; an
uninstallation ends all tokens at once; a client's own token may carry only scopes of the developer platform.
Not modelled: the seven days in which a rotated private app token still works, tokens of single users.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from msgspec import Struct

from fake_crm.hubspot.access.refusals import expired
from fake_crm.hubspot.access.token_form import expires_ms_of, new_token
from fake_crm.hubspot.errors import NO_CREDENTIALS
from fake_crm.hubspot.settings import Settings
from harness.kit.call import Call
from harness.kit.clock import EPOCH, Clock, epoch_ms

CODE_LIFETIME = timedelta(minutes=10)
OAUTH_APP = "oauth"  # the subject of the OAuth app's own limits; a private app's is its token
DEVELOPER_SCOPES = ("developer", "webhooks-journal")  # how the scopes begin that a client may have for itself


class Caller(Struct, frozen=True):
    """Who a token speaks for. `scopes` None means all. Access tokens have an end."""

    token: str
    subject: str
    scopes: tuple[str, ...] | None
    ends: datetime | None = None
    use: str = "private_app"  # or `access_token`, `client_credentials`
    is_private: bool = True


class Code(Struct, frozen=True):
    """What a person granted, waiting to be fetched once."""

    redirect_uri: str
    scopes: tuple[str, ...]
    ends: datetime
    challenge: str = ""
    method: str = "plain"


class Install(Struct, frozen=True):
    """The app's place in the account: its refresh token never ends by itself."""

    refresh_token: str
    scopes: tuple[str, ...]


class TokenState(NamedTuple):
    """For `remember` and `put_back`."""

    callers: dict[str, Caller]
    codes: dict[str, Code]
    install: Install | None


class Tokens:
    """All credentials of one account. `callers` knows every token that is good now, or was until it ended."""

    def __init__(self, settings: Settings, clock: Clock, random: Random) -> None:
        self._settings, self._clock, self._random = settings, clock, random
        apps = {settings.token: settings.scopes, **settings.apps}
        self.callers = {token: Caller(token, token, scopes) for token, scopes in apps.items()}
        self._usual = {f"Bearer {token}": caller for token, caller in self.callers.items()}  # found in one look
        self.codes: dict[str, Code] = {}
        self.install: Install | None = None

    # -- who is calling ---------------------------------------------------------------------------------------------

    def identify(self, call: Call) -> Caller | dict[str, Any]:
        """The caller behind an Authorization header, or the body of the 401."""
        header = call.headers.get("authorization", "")
        usual = self._usual.get(header)
        if usual is not None:
            return usual
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer":
            return NO_CREDENTIALS
        caller = self.callers.get(token)
        if caller is None:
            return self._stranger(token)
        if caller.ends is not None and caller.ends <= self._clock.now():
            return expired(caller.ends, self._clock.now())
        return caller

    def _stranger(self, token: str) -> dict[str, Any]:
        ends_ms, now = expires_ms_of(token), self._clock.now()
        if ends_ms is None or ends_ms > epoch_ms(now):
            return NO_CREDENTIALS
        return expired(EPOCH + timedelta(milliseconds=ends_ms), now)

    def developer(self, call: Call) -> dict[str, Any] | None:
        """Check who may manage the app itself (webhook settings): None, or the body of the 401.

        The developer key counts as the query parameter `hapikey`; a client's own token with a scope of the developer platform
        counts as well. Tokens of an account, private or OAuth, do not (facts 2.1).
        """
        if call.query_dict().get("hapikey") == self._settings.developer_key:
            return None
        caller = self.identify(call)
        if isinstance(caller, Caller) and caller.use == "client_credentials":
            return None
        return NO_CREDENTIALS if isinstance(caller, Caller) else caller

    # -- granting -----------------------------------------------------------------------------------------------------

    def new_code(self, redirect_uri: str, scopes: tuple[str, ...], challenge: str, method: str) -> str:
        """A person said yes."""
        code = f"na1-{self._uuid()}"
        self.codes[code] = Code(redirect_uri, scopes, self._clock.now() + CODE_LIFETIME, challenge, method)
        return code

    def code(self, text: str) -> Code | None:
        """What a code stands for, if it still can be used."""
        found = self.codes.get(text)
        return found if found is not None and found.ends > self._clock.now() else None

    def redeem(self, text: str) -> tuple[Caller, Install]:
        """Install the app, or renew its installation, for a code that is good; it will not be so again."""
        code = self.codes.pop(text)
        refresh_token = self.install.refresh_token if self.install is not None else f"na1-{self._uuid()}"
        self.install = Install(refresh_token, code.scopes)
        return self.new_access_token(self.install), self.install

    def installed(self, refresh_token: str) -> Install | None:
        """The installation that a refresh token belongs to."""
        install = self.install
        return install if install is not None and refresh_token == install.refresh_token else None

    def new_access_token(self, install: Install) -> Caller:
        return self._issue(install.scopes, OAUTH_APP, "access_token")

    def new_client_token(self, scopes: tuple[str, ...]) -> Caller:
        """A token of the app itself, of no account."""
        return self._issue(scopes, f"{OAUTH_APP}/client", "client_credentials")

    def _issue(self, scopes: tuple[str, ...], subject: str, use: str) -> Caller:
        settings, now = self._settings, self._clock.now()
        self._forget_ended(now)
        ends = now + timedelta(seconds=settings.access_token_s)
        token = new_token(epoch_ms(ends), settings.portal_id, settings.app_id, self._random)
        caller = self.callers[token] = Caller(token, subject, scopes, ends, use, is_private=False)
        return caller

    def _forget_ended(self, now: datetime) -> None:
        """A token tells by itself when it ended, so those of yesterday need not be kept."""
        for each in [each for each in self.callers.values() if each.ends is not None and each.ends <= now]:
            del self.callers[each.token]
        for text in [text for text, code in self.codes.items() if code.ends <= now]:
            del self.codes[text]

    # -- taking back ----------------------------------------------------------------------------------------------------

    def access_token(self, token: str) -> Caller | None:
        """An OAuth access token that is good now."""
        found = self.callers.get(token)
        return found if found is not None and found.ends is not None and found.ends > self._clock.now() else None

    def revoke(self, token: str) -> None:
        """End a refresh token, or one access token; anything else is nothing to end. Issued access tokens live on."""
        if self.installed(token) is not None:
            self.install = None
        elif self.access_token(token) is not None:
            del self.callers[token]

    def uninstall(self) -> None:
        """An administrator removed the app from the account."""
        self.install = None
        self.codes.clear()
        for each in [each for each in self.callers.values() if each.use == "access_token"]:
            del self.callers[each.token]

    # -- going back -----------------------------------------------------------------------------------------------------

    def state(self) -> TokenState:
        return TokenState(dict(self.callers), dict(self.codes), self.install)

    def restore(self, state: TokenState) -> None:
        self.callers, self.codes, self.install = dict(state.callers), dict(state.codes), state.install

    def _uuid(self) -> str:
        text = self._random.randbytes(16).hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
