"""The site as an OAuth 2 provider: bodies as the RFCs have them, without an envelope. Source: facts 1.7."""

from __future__ import annotations

from fake_erp.erpnext.contract import examples
from fake_erp.erpnext.contract.shapes import FORM, HTML, NOTHING, TEXT, TEXTS, WHOLE, closed, given, stumbles
from harness.kit.contract import Answer, Confidence, Example, Operation, Param

AREA = "oauth"
BASE = "frappe.integrations.oauth2"
_GUESS = "what the RFCs leave open is our guess; codes live ten minutes and work once, refreshing gives both tokens anew"
_ERROR = {400: Answer(closed({"error": TEXT}), "The error in the words of RFC 6749.")}
_LEAVES = {302: Answer(TEXT, "Back to the client, or on to the login page.", HTML)}
_STUMBLES = stumbles("JSONDecodeError", "SecurityException")
_TOKEN = closed(
    {"access_token": TEXT, "expires_in": WHOLE, "token_type": {"const": "Bearer"}, "scope": TEXT, "refresh_token": TEXT},
    {"id_token": TEXT},
)
_PERSON = {
    "sub": TEXT, "name": TEXT, "given_name": TEXT, "family_name": TEXT, "iss": TEXT, "roles": TEXTS, "email": TEXT, "picture": TEXT,
}  # fmt: skip
_ASKED = {
    "client_id": Param(TEXT, "The name of an OAuth Client document.", required=True),
    "redirect_uri": Param(TEXT, "One of those the client has registered."),
    "response_type": Param({"enum": ["code"]}),
    "scope": Param(TEXT, "Scopes with blanks between them."),
    "state": Param(TEXT, "Comes back as it is."),
    "code_challenge": Param(TEXT),
    "code_challenge_method": Param({"enum": ["plain", "S256", "s256"]}),
}
_QUERY = {"client_id": examples.CLIENT, "redirect_uri": examples.REDIRECT, "response_type": "code", "scope": "all"}
_CLIENT = {"client_id": examples.CLIENT, "redirect_uri": examples.REDIRECT}

OPERATIONS = {
    f"{BASE}.authorize": Operation(
        "The page on which a person allows a client in; a guest logs in first.",
        AREA,
        {200: Answer(TEXT, media=HTML), **_LEAVES, **_ERROR},
        "facts 1.7",
        Confidence.DOCUMENTED,
        query=_ASKED,
        examples=[Example(query=_QUERY)],
        deviations=_GUESS,
    ),
    f"{BASE}.approve": Operation(
        "The person agrees: back to the client with a code.",
        AREA,
        {**_LEAVES, **_ERROR},
        "facts 1.7",
        Confidence.INFERRED,
        query=_ASKED,
        examples=[Example(query=_QUERY)],
        deviations=_GUESS,
    ),
    f"{BASE}.get_token": Operation(
        "Tokens for a code, a refresh token, or a password.",
        AREA,
        {200: Answer(_TOKEN), **_ERROR, **_STUMBLES},
        "facts 1.7",
        Confidence.DOCUMENTED,
        body=given(
            {"grant_type": {"enum": ["authorization_code", "refresh_token", "password"]}, "client_id": TEXT},
            {"code": TEXT, "redirect_uri": TEXT, "code_verifier": TEXT, "refresh_token": TEXT, "username": TEXT, "password": TEXT},
        ),
        media=FORM,
        examples=[
            Example(body={**_CLIENT, "grant_type": "authorization_code", "code": examples.CODE}),
            Example(body={**_CLIENT, "grant_type": "refresh_token", "refresh_token": examples.REFRESH_TOKEN}, name="again"),
        ],
        deviations=_GUESS,
        security=(),
    ),
    f"{BASE}.revoke_token": Operation(
        "End a token by its access or refresh token; an unknown one is no error.",
        AREA,
        {200: Answer(NOTHING), **_STUMBLES},
        "facts 1.7",
        Confidence.DOCUMENTED,
        body=given({"token": TEXT}),
        media=FORM,
        examples=[Example(body={"token": examples.ACCESS_TOKEN})],
        security=(),
    ),
    f"{BASE}.introspect_token": Operation(
        "Whether a token is good, and whose it is.",
        AREA,
        {
            200: Answer(
                closed(
                    {"active": {"type": "boolean"}},
                    {"client_id": TEXT, "trusted_client": WHOLE, "exp": WHOLE, "scope": TEXT, **_PERSON},
                )
            ),
            **_STUMBLES,
        },
        "facts 1.7",
        Confidence.DOCUMENTED,
        body=given({"token": TEXT}),
        media=FORM,
        examples=[Example(body={"token": examples.ACCESS_TOKEN})],
        deviations=_GUESS,
        security=(),
    ),
    f"{BASE}.openid_profile": Operation(
        "Who the token speaks for.",
        AREA,
        {200: Answer(closed({"sub": TEXT, "name": TEXT}, _PERSON))},
        "facts 1.7",
        Confidence.DOCUMENTED,
        examples=[Example()],
        deviations=_GUESS,
    ),
}
