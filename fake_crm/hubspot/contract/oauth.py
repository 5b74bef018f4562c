"""OAuth: how an app gets into an account, its tokens, and how it leaves."""

from __future__ import annotations

from fake_crm.hubspot.contract.examples import ACCESS_TOKEN, CODE, REDIRECT, REFRESH_TOKEN
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, FLAG, NUMBER, TEXT, TEXTS, closed, given, of, ref
from fake_crm.hubspot.settings import DEFAULT_CLIENT, DEFAULT_SECRET, DEFAULT_TOKEN
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "oauth"
FORM = "application/x-www-form-urlencoded"
_SOURCE = "facts 2.2; the vendor's documents oauth_v1, oauth_v3, oauth_2026_03, oauth_2026_09"
_PROOF = {"client_id": DEFAULT_CLIENT, "client_secret": DEFAULT_SECRET}
_MADE_UP = {"token": "na1-made-up"}
_BY_CODE = Example(body={"grant_type": "authorization_code", **_PROOF, "redirect_uri": REDIRECT, "code": CODE})
_BY_REFRESH = Example(body={"grant_type": "refresh_token", **_PROOF, "refresh_token": REFRESH_TOKEN}, name="refresh")
_TOKEN = {"token": Param(TEXT, "The token itself; a journal keeps it out.")}
_STATUSES = (
    "BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "BAD_REDIRECT_URI", "BAD_GRANT_TYPE", "BAD_HUB",
    "BAD_SCOPES", "BAD_CODE_VERIFIER",
)  # fmt: skip
_REFUSED = {400: Answer(ref("TokenError"), "Refused; nothing was used up.")}
_WHOSE: dict[str, Schema] = {"hub_id": NUMBER, "hub_domain": TEXT, "user": TEXT, "user_id": NUMBER}
_REFRESH: dict[str, Schema] = {"token": TEXT, "token_type": {"const": "refresh"}, "scopes": TEXTS, "client_id": TEXT, **_WHOSE}
_ACCESS: dict[str, Schema] = {
    "token": TEXT,
    "token_type": {"const": "access"},
    "expires_in": NUMBER,
    "scopes": TEXTS,
    "app_id": NUMBER,
    "hub_id": NUMBER,
    "user_id": NUMBER,
    "signed_access_token": ref("SignedAccessToken"),
}
_APP: dict[str, Schema] = {"active": {"const": True}, "client_id": TEXT, "app_id": NUMBER, "token_use": TEXT}
_SIGNED_TEXTS = (
    "scopes", "signature", "newSignature", "scopeToScopeGroupPks", "hublet", "trialScopes", "trialScopeToScopeGroupPks",
    "appInstallId", "audience",
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {
    "TokenError": closed(
        {
            "status": {"enum": list(_STATUSES)},
            "message": TEXT,
            "error": TEXT,
            "error_description": TEXT,
            "correlationId": {"type": "string", "format": "uuid"},
        }
    ),
    "Tokens": closed(
        {
            "token_type": {"const": "bearer"},
            "access_token": {"type": "string", "maxLength": 512},
            "expires_in": NUMBER,
            "scopes": TEXTS,
            "token_use": {"enum": ["access_token", "client_credentials"]},
        },
        {"refresh_token": TEXT, "hub_id": NUMBER, "user_id": NUMBER},
    ),
    "SignedAccessToken": closed(
        {
            **dict.fromkeys(_SIGNED_TEXTS, TEXT),
            **dict.fromkeys(("expiresAt", "hubId", "userId", "appId", "installingUserId"), NUMBER),
            **dict.fromkeys(("isUserLevel", "isServiceAccount", "isPrivateDistribution"), FLAG),
        }
    ),
}

_EXCHANGE_BODY = given(
    {
        "grant_type": {"enum": ["authorization_code", "refresh_token", "client_credentials"]},
        "client_id": TEXT,
        "client_secret": TEXT,
    },
    {"code": TEXT, "redirect_uri": TEXT, "code_verifier": TEXT, "refresh_token": TEXT, "scope": TEXT},
)
_TOKEN_BODY = given({"client_id": TEXT, "client_secret": TEXT, "token": TEXT}, {"token_type_hint": TEXT})
_EXCHANGE_DEVIATIONS = (
    "client assertions are not modelled; the order of the checks and the texts that section 2.2 does not know are our guess; "
    "calls count to no limit"
)

OPERATIONS = {
    "authorize": Operation(
        "The page on which a person lets an app into the account: here they always say yes.",
        AREA,
        {
            302: Answer(None, "Back to `redirect_uri`, with `code` and `state`."),
            400: Answer(TEXT, "A page that says what is wrong.", media="text/html"),
        },
        "facts 2.2",
        Confidence.DOCUMENTED,
        query={
            "client_id": Param(TEXT, "The app.", required=True),
            "redirect_uri": Param(TEXT, "Where the browser goes next.", required=True),
            "scope": Param(TEXT, "What the app needs, separated by spaces; `oauth` is part of it.", required=True),
            "optional_scope": Param(TEXT, "What it takes if the account has it."),
            "state": Param(TEXT, "Comes back as it is."),
            "code_challenge": Param(TEXT, "For `code_verifier` at the exchange."),
            "code_challenge_method": Param({"enum": ["plain", "S256"]}),
        },
        examples=[Example(query={"client_id": DEFAULT_CLIENT, "redirect_uri": REDIRECT, "scope": "oauth"})],
        deviations="the real page is at app.hubspot.com; a code lives ten minutes; both this and the pages of errors are our guess",
        security=(),
    ),
    "exchange_token": Operation(
        "Tokens for a code, for a refresh token, or for the app itself.",
        AREA,
        {200: Answer(ref("Tokens")), **_REFUSED},
        _SOURCE,
        Confidence.DOCUMENTED,
        body=_EXCHANGE_BODY,
        media=FORM,
        examples=[_BY_CODE, _BY_REFRESH, Example(body={"grant_type": "client_credentials", **_PROOF}, name="appItself")],
        deviations=_EXCHANGE_DEVIATIONS,
        security=(),
    ),
    "exchange_token_2026_09": Operation(
        "Tokens for a code or for a refresh token.",
        AREA,
        {200: Answer(ref("Tokens")), **_REFUSED},
        _SOURCE,
        Confidence.DOCUMENTED,
        body=_EXCHANGE_BODY,
        media=FORM,
        examples=[_BY_CODE, _BY_REFRESH],
        deviations=_EXCHANGE_DEVIATIONS,
        security=(),
    ),
    "introspect_token": Operation(
        "What an access or refresh token is, or that it is none.",
        AREA,
        {
            200: Answer(
                {
                    "oneOf": [
                        closed({**_ACCESS, **_APP, "is_private_distribution": FLAG}, {"user": TEXT, "hub_domain": TEXT}),
                        closed({**_REFRESH, **_APP}),
                        closed({"active": {"const": False}}),
                    ]
                }
            ),
            **_REFUSED,
        },
        _SOURCE,
        Confidence.DOCUMENTED,
        body=_TOKEN_BODY,
        media=FORM,
        examples=[Example(body={**_PROOF, "token": REFRESH_TOKEN}), Example(body={**_PROOF, **_MADE_UP}, name="unknown")],
        security=(),
    ),
    "revoke_token": Operation(
        "End a refresh token, or one access token.",
        AREA,
        {200: Answer(None, "Whether or not the token was good."), **_REFUSED},
        _SOURCE,
        Confidence.DOCUMENTED,
        body=_TOKEN_BODY,
        media=FORM,
        examples=[Example(body={**_PROOF, **_MADE_UP})],
        deviations="access tokens issued before live on; an access token can be ended as well, which is our guess",
        security=(),
    ),
    "read_access_token": Operation(
        "What an access token may do, in which account, for how long.",
        AREA,
        {200: Answer(closed(_ACCESS, {"user": TEXT, "hub_domain": TEXT})), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_TOKEN,
        examples=[Example({"token": ACCESS_TOKEN})],
        deviations="404 for an unknown or expired token is our guess",
        security=(),
    ),
    "read_refresh_token": Operation(
        "What a refresh token belongs to.",
        AREA,
        {200: Answer(closed(_REFRESH)), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_TOKEN,
        examples=[Example({"token": REFRESH_TOKEN})],
        links={"delete": Link("archive_refresh_token", {"token": "$request.path.token"})},
        deviations="404 for an unknown token is our guess",
        security=(),
    ),
    "archive_refresh_token": Operation(
        "End a refresh token; access tokens issued before live on.",
        AREA,
        {204: Answer()},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_TOKEN,
        examples=[Example(_MADE_UP)],
        deviations="204 for an unknown token is our guess",
        security=(),
    ),
    "read_private_app_token": Operation(
        "What a private app's token may do.",
        AREA,
        {200: Answer(closed({"userId": NUMBER, "hubId": NUMBER, "appId": NUMBER, "scopes": of(TEXT)})), **BAD},
        "facts 2.2",
        Confidence.INFERRED,
        body=given({"tokenKey": TEXT}),
        examples=[Example(body={"tokenKey": DEFAULT_TOKEN})],
        deviations="401 for an unknown token is our guess",
        security=(),
    ),
    "uninstall_app": Operation(
        "The calling OAuth app leaves the account; its tokens end.",
        AREA,
        {204: Answer()},
        "the vendor's guide of the app uninstalls API",
        Confidence.DOCUMENTED,
        examples=[Example()],
        security=("oauth",),
        deviations="nobody is told by mail, and webhooks stay connected; 403 for a private app's token is our guess",
    ),
}
