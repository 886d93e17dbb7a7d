"""An MCP server with an authorization server in front of it, both of the Python SDK. Usage: guarded.py PORT [LIFE_SECONDS]

Logins are agreed to at once. What the test wants otherwise it says at /control/NAME:
forget (all access tokens are unknown), forget-all (refresh tokens, too), require?scope=X (403 without it), iss?value=X (the
answer to a login says so), count (how often tokens were asked for, by grant)."""

import json
import secrets
import sys
import time

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.fastmcp import FastMCP
from mcp.shared.auth import OAuthToken
from starlette.requests import Request
from starlette.responses import JSONResponse

PORT = int(sys.argv[1])
LIFE = int(sys.argv[2]) if len(sys.argv) > 2 else 3600
ROOT = f"http://127.0.0.1:{PORT}"


class Provider(OAuthAuthorizationServerProvider):
    def __init__(self):
        self.clients, self.codes, self.access, self.refresh = {}, {}, {}, {}
        self.required = None
        self.iss = None
        self.count = {"authorization_code": 0, "refresh_token": 0, "revoked": 0}

    async def get_client(self, client_id):
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client, params):
        code = secrets.token_urlsafe(16)
        self.codes[code] = AuthorizationCode(
            code=code, client_id=client.client_id, redirect_uri=params.redirect_uri, scopes=params.scopes or ["user"],
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly, expires_at=time.time() + 60,
            code_challenge=params.code_challenge, resource=params.resource,
        )
        more = {"iss": self.iss} if self.iss else {}
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state, **more)

    async def load_authorization_code(self, client, code):
        return self.codes.get(code)

    def give(self, client, scopes, resource=None):
        access, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        expires = int(time.time()) + LIFE
        self.access[access] = AccessToken(
            token=access, client_id=client.client_id, scopes=scopes, expires_at=expires, resource=resource
        )
        self.refresh[refresh] = RefreshToken(token=refresh, client_id=client.client_id, scopes=scopes)
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=LIFE, scope=" ".join(scopes))

    async def exchange_authorization_code(self, client, code):
        self.count["authorization_code"] += 1
        del self.codes[code.code]
        return self.give(client, code.scopes, code.resource)

    async def load_refresh_token(self, client, token):
        return self.refresh.get(token)

    async def exchange_refresh_token(self, client, token, scopes):
        self.count["refresh_token"] += 1
        # Each refresh token works once.
        del self.refresh[token.token]
        return self.give(client, scopes)

    async def load_access_token(self, token):
        found = self.access.get(token)
        return found if found and found.expires_at > time.time() else None

    async def revoke_token(self, token):
        self.count["revoked"] += 1
        self.access.clear()
        self.refresh.clear()


provider = Provider()
mcp = FastMCP(
    "guarded", host="127.0.0.1", port=PORT, auth_server_provider=provider,
    auth=AuthSettings(
        issuer_url=ROOT, resource_server_url=f"{ROOT}/mcp", required_scopes=["user"],
        client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["user", "admin"], default_scopes=["user"]),
        revocation_options=RevocationOptions(enabled=True),
    ),
)


@mcp.tool()
def echo(text: str) -> str:
    return text


@mcp.custom_route("/control/{what}", ["GET"])
async def control(request: Request):
    what = request.path_params["what"]
    if what in ("forget", "forget-all"):
        provider.access.clear()
    if what == "forget-all":
        provider.refresh.clear()
    if what == "require":
        provider.required = request.query_params.get("scope")
    if what == "iss":
        provider.iss = request.query_params.get("value")
    return JSONResponse({**provider.count, "tokens": list(provider.access)})


inner = mcp.streamable_http_app()


async def app(scope, receive, send):
    """Asks for one more scope where the test wants that; all else goes to the SDK."""
    if scope["type"] == "http" and scope["path"] == "/mcp" and provider.required:
        head = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        token = await provider.load_access_token(head)
        if token and provider.required not in token.scopes:
            challenge = f'Bearer error="insufficient_scope", scope="{provider.required}"'
            body = json.dumps({"error": "insufficient_scope"}).encode()
            headers = [(b"www-authenticate", challenge.encode()), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
    await inner(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
