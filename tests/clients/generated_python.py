"""Calls a running service by the client that openapi-python-client generated: prints the answer to each case.

STUDIO_ACS_API is the service's address, TOKENS a JSON object of users and their tokens.
"""

import datetime
import json
import os
import pathlib
from typing import Any

from studio_acs_client import AuthenticatedClient
from studio_acs_client.api.document import read_document
from studio_acs_client.api.studio import create_studio_url, open_studio
from studio_acs_client.models import (
    BadGatewayProblem,
    BadRequestProblem,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    NotYet,
    NotYetStep,
    OpenApiDocument,
    StudioUrl,
    StudioUrlRequest,
    TooManyRequestsProblem,
    UnauthorizedProblem,
)
from studio_acs_client.types import Response, Unset


def told(response: Response[Any]) -> str:
    status, again = int(response.status_code), f"again after {response.headers.get('retry-after')} s"
    match response.parsed:
        case StudioUrl(url=url, expires_at=datetime.datetime()) if url.startswith("http"):
            return f"{status} a URL until a time"
        case NotYet(step=NotYetStep() as step, until=datetime.datetime()):
            return f"{status} {step} until a time, {again}"
        case NotYet(step=NotYetStep() as step, until=Unset()):
            return f"{status} {step}, {again}"
        case ConflictProblem(code=code, entries=list() as entries):
            return f"{status} {code}: {', '.join(choice.entry for choice in entries)}"
        case TooManyRequestsProblem(code=code):
            return f"{status} {code}, {again}"
        case BadRequestProblem() | UnauthorizedProblem() | ForbiddenProblem() | NotFoundProblem() | ConflictProblem() | BadGatewayProblem() as problem:
            return f"{status} {problem.code}"
        case other:
            return f"{status} {type(other).__name__}"


def answer(case: dict[str, Any], client: AuthenticatedClient) -> str:
    if case.get("document"):
        document = read_document.sync_detailed(client=client)
        assert isinstance(document.parsed, OpenApiDocument)
        return f"{int(document.status_code)} OpenAPI {document.parsed.openapi}"
    if "profile" in case:
        opened = open_studio.sync_detailed(case["profile"], client=client)
        if opened.status_code == 302:
            return "302 to Studio" if "/auth?" in opened.headers["location"] else "302 elsewhere"
        return told(opened)
    return told(create_studio_url.sync_detailed(client=client, body=StudioUrlRequest.from_dict(case["body"])))


def main() -> None:
    tokens = json.loads(os.environ["TOKENS"])
    cases = json.loads((pathlib.Path(os.environ["CASES"])).read_text(encoding="utf-8"))
    for case in cases:
        token = tokens.get(case["user"], "none")
        with AuthenticatedClient(base_url=os.environ["STUDIO_ACS_API"], token=token) as client:
            print(f"{case['name']}: {answer(case, client)}")


main()
