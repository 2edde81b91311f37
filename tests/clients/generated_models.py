"""Calls a running service by httpx, with the models that datamodel-code-generator generated: prints the answer to each case.

STUDIO_ACS_API is the service's address, TOKENS a JSON object of users and their tokens.
"""

import json
import os
import pathlib
from typing import Any

import httpx
from studio_acs_models import (
    BadGatewayProblem,
    BadRequestProblem,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    NotYet,
    OpenApiDocument,
    StudioUrl,
    StudioUrlRequest,
    TooManyRequestsProblem,
    UnauthorizedProblem,
)

PROBLEMS: dict[int, type[BadRequestProblem | UnauthorizedProblem | ForbiddenProblem | NotFoundProblem | BadGatewayProblem]] = {
    400: BadRequestProblem,
    401: UnauthorizedProblem,
    403: ForbiddenProblem,
    404: NotFoundProblem,
    502: BadGatewayProblem,
}


def plain(word: object) -> str:
    """A known code is a member of an enumeration, an unknown one a text."""
    return str(getattr(word, "value", word))


def told(response: httpx.Response) -> str:
    status, again = response.status_code, f"again after {response.headers.get('retry-after')} s"
    match status:
        case 200:
            ready = StudioUrl.model_validate_json(response.content)
            return "200 a URL until a time" if str(ready.url).startswith("http") and ready.expires_at.tzinfo else "200"
        case 202:
            waits = NotYet.model_validate_json(response.content)
            until = " until a time" if waits.until else ""
            return f"202 {plain(waits.step)}{until}, {again}"
        case 302:
            return "302 to Studio" if "/auth?" in response.headers["location"] else "302 elsewhere"
        case 409:
            conflict = ConflictProblem.model_validate_json(response.content)
            entries = f": {', '.join(choice.entry for choice in conflict.entries)}" if conflict.entries else ""
            return f"409 {plain(conflict.code)}{entries}"
        case 429:
            return f"429 {plain(TooManyRequestsProblem.model_validate_json(response.content).code)}, {again}"
        case _:
            return f"{status} {plain(PROBLEMS[status].model_validate_json(response.content).code)}"


def answer(case: dict[str, Any], client: httpx.Client) -> str:
    if case.get("document"):
        document = OpenApiDocument.model_validate_json(client.get("/openapi.json").content)
        return f"200 OpenAPI {document.openapi}"
    if "profile" in case:
        return told(client.get(f"/studio/{case['profile']}"))
    request = StudioUrlRequest.model_validate(case["body"])
    return told(client.post("/studio-url", json=request.model_dump(exclude_none=True)))


def main() -> None:
    tokens = json.loads(os.environ["TOKENS"])
    for case in json.loads(pathlib.Path(os.environ["CASES"]).read_text(encoding="utf-8")):
        headers = {"authorization": f"Bearer {tokens.get(case['user'], 'none')}"}
        with httpx.Client(base_url=os.environ["STUDIO_ACS_API"], headers=headers) as client:
            print(f"{case['name']}: {answer(case, client)}")


main()
