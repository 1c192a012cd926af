"""Who asks: somebody new for each request, so that what ends with one request is there for the next."""

import json
import os
import urllib.parse
import urllib.request
import uuid

import schemathesis
from schemathesis.specs.openapi.checks import response_schema_conformance

PLACE, ROLE, BOSS = (os.environ["ASK_" + name] for name in ("PLACE", "ROLE", "BOSS"))
PASSWORD = "correct horse"


def ask(method, path, body=None, token=""):
    headers = {"Content-Type": "application/json", "Authorization": token}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(PLACE + path, data, headers, method=method)) as answer:
        text = answer.read().decode()
    return json.loads(text) if text.startswith("{") else text


def token_of_somebody(tag):
    name = "s" + uuid.uuid4().hex
    own = {"username": name, "password": PASSWORD}
    email = name + "@example.com"
    # WolfPal has no administrators, and signs in by an address.
    if ROLE == "administrator" and tag != "WolfPal":
        ask("POST", "/api/users", own | {"permissions": ["user", "admin"]}, "Bearer " + BOSS)
    else:
        ask("POST", "/api/v1/register", own | {"email": email})
    match tag:
        case "Argon" | "Events":
            return ask("POST", "/api/auth/login", own)["token"]
        case "WolfPal":
            return ask("POST", "/auth/login", {"email": email, "password": PASSWORD})["access_token"]
        case "GoScrobble":
            return ask("POST", "/api/v1/login", own)["token"]
        case "Melon":
            return ask("GET", "/auth/login?" + urllib.parse.urlencode(own))
    raise ValueError(tag)


if ROLE != "nobody":

    @schemathesis.auth(refresh_interval=None)
    class Somebody:
        def get(self, case, context):
            operation = case.operation
            return token_of_somebody(operation.tags[0]) if operation.definition.raw.get("security") else None

        def set(self, case, token, context):
            if token:
                case.headers["Authorization"] = "Bearer " + token


@schemathesis.check
def shape(ctx, response, case):
    """An answer without a body has no shape; where one is optional, a document cannot say so."""
    return response_schema_conformance(ctx, response, case) if response.content else None
