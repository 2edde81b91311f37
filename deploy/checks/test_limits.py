"""The limits of docs/limits.md that the stack can reach: the minting policy's characters, and the function's environment."""

import json
import pathlib
import unittest

from template import Template

PATH = pathlib.Path(__file__).resolve().parents[2] / "template.yaml"

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count.
POLICY = 6144
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ENVIRONMENT = 4096
DOMAINS = 51


def domains(count):
    return ",".join(f"d-{at:012d}" for at in range(count))


# Two endpoints for each party, and the three private networks: a deployment with more of them has room for fewer domains.
NETWORK = {
    "CreateEndpoints": "no",
    "SageMakerApiEndpointIds": "vpce-0123456789abcdef0,vpce-0123456789abcdef1",
    "StudioEndpointIds": "vpce-0123456789abcdef2,vpce-0123456789abcdef3",
    "BrowserCidrs": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16",
}


def policy(count):
    made = Template(PATH, {"DomainIds": domains(count), **NETWORK}).resource("MintPolicy")["PolicyDocument"]
    return len(json.dumps(made, separators=(",", ":")))


def environment(count, **given):
    variables = Template(PATH, {"DomainIds": domains(count), **given}).resource("Function")["Environment"]["Variables"]
    return sum(len(name.encode()) + len(str(value).encode()) for name, value in variables.items())


class Limits(unittest.TestCase):
    def test_the_minting_policy_has_room_for_so_many_domains(self):
        self.assertLessEqual(policy(DOMAINS), POLICY)
        self.assertGreater(policy(DOMAINS + 1), POLICY)

    def test_the_environment_has_room_for_as_many(self):
        given = {"TokenIssuer": "https://login.corp.example/" + "x" * 60, "TokenAudience": "api://studio", "TokenJwksParameterName": "/studio/keys"}
        self.assertLessEqual(environment(DOMAINS, **given), ENVIRONMENT)


if __name__ == "__main__":
    unittest.main()
