#!/usr/bin/env python3
"""Renders the service control policies of this folder for the stacks that they protect, as small as they can be.

    aws cloudformation describe-stacks --stack-name studio-acs > stack.json
    deploy/scp/render.py --deployer-principal ARN --out rendered stack.json

A placeholder is `${Name}`; a policy variable of IAM, such as `${sagemaker:DomainId}`, has a colon and stays. A
placeholder of several values makes its string several. One without a value takes its string away, and a statement that
is left without a resource goes with it; a condition that is left without a value is an error, since it would hold for
everybody. No value may have a wildcard: `ArnEquals` takes one for a pattern, too.
"""

import argparse
import itertools
import json
import pathlib
import re
import sys

SOURCES = pathlib.Path(__file__).parent
# AWS allows 10,240 characters and ten policies a target since May 2026; these fit what it allowed before. One of five
# places is FullAWSAccess's.
LONGEST = 5120
MOST = 4

# The pattern of each placeholder's values. Those of a stack are named as its outputs are.
NAME = r"[A-Za-z0-9_.-]{1,255}"
OUTPUTS = {
    "AssertionsTableName": NAME,
    "KeyArn": r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
    "LedgerTableName": NAME,
    "RatesTableName": NAME,
    "RestApiId": r"[a-z0-9]{10}",
}
OPTIONAL_OUTPUTS = {
    "AlarmTopicArn": r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+",
    "AuditFirehoseArn": r"arn:[a-z-]+:firehose:[a-z0-9-]+:[0-9]{12}:deliverystream/[A-Za-z0-9_.-]+",
    "AuditSealKeySecretArn": r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:studio-acs/[A-Za-z0-9/_+=.@-]+",
    "AuditWebhookSecretArn": r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:studio-acs/[A-Za-z0-9/_+=.@-]+",
    "CustomDomainName": r"[a-z0-9.-]{1,253}",
}
ROLE_NAME = r"[A-Za-z0-9_+=,.@-]{1,64}"
PRINCIPAL = r"arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+"
PROVIDER = r"arn:[a-z-]+:iam::[0-9]{12}:(oidc|saml)-provider/[A-Za-z0-9_+=,.@:/-]+"
STACK = re.compile(r"arn:(?P<Partition>[a-z-]+):cloudformation:[a-z0-9-]+:(?P<Account>[0-9]{12}):stack/(?P<StackName>[A-Za-z][A-Za-z0-9-]*)/.+")

PLACEHOLDER = re.compile(r"\$\{([A-Za-z]+)\}")


class RenderError(Exception):
    """The policies cannot be rendered; says why."""


def described(path):
    """The stacks that a file describes: the ID of each, and its outputs by their names."""
    try:
        stacks = json.loads(path.read_text(encoding="utf-8"))["Stacks"]
        return [(stack["StackId"], {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}) for stack in stacks]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RenderError(f"{path}: expected what `aws cloudformation describe-stacks` prints, found {error!r}") from error


def values_of(stacks, options):
    """The values of every placeholder, each a list."""
    values = {name: [] for name in ("Account", "StackName", *OUTPUTS, *OPTIONAL_OUTPUTS)}
    for identity, outputs in stacks:
        found = STACK.fullmatch(identity)
        if not found or found["Partition"] != options.partition:
            raise RenderError(f"expected the ID of a stack in the partition {options.partition}, found {identity}")
        missing = sorted(set(OUTPUTS) - set(outputs))
        if missing:
            raise RenderError(f"{found['StackName']} has no output {', '.join(missing)}: deploy the current template first")
        values["Account"].append(found["Account"])
        values["StackName"].append(found["StackName"])
        for name, shape in {**OUTPUTS, **OPTIONAL_OUTPUTS}.items():
            values[name] += [checked(f"the output {name}", shape, outputs[name])] if name in outputs else []
    values["Account"] += [checked("--account", r"[0-9]{12}", account) for account in options.account]
    values = {name: sorted(set(found)) for name, found in values.items()}

    def roles(names, option):
        return [
            f"arn:{options.partition}:iam::{account}:role/studio-acs-deployment/{checked(option, ROLE_NAME, name)}"
            for account in values["Account"]
            for name in names
        ]

    editors = options.ledger_editor_principal
    return {
        **values,
        "ArtifactBucket": [checked("--artifact-bucket", r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) for name in options.artifact_bucket],
        "Deployer": roles(options.deployer, "--deployer"),
        "DeployerPrincipals": [checked("--deployer-principal", PRINCIPAL, arn) for arn in options.deployer_principal],
        "IdentityProviders": [checked("--identity-provider", PROVIDER, arn) for arn in options.identity_provider],
        # Without a principal that may assume it the role does not exist, and only the broker writes the ledger's table.
        "LedgerEditor": roles(options.ledger_editor if editors else [], "--ledger-editor"),
        "LedgerEditorPrincipals": [checked("--ledger-editor-principal", PRINCIPAL, arn) for arn in editors],
        "Partition": [options.partition],
    }


def checked(what, shape, value):
    if not re.fullmatch(shape, value):
        raise RenderError(f"{what}: expected {shape}, found {value!r}")
    return value


def rendered(policy, values):
    """A policy with its placeholders filled in."""
    statements = []
    for statement in policy["Statement"]:
        statement = {key: _filled(part, values, statement["Sid"]) if key != "Condition" else part for key, part in statement.items()}
        if [] in (statement.get("Resource"), statement.get("NotResource")):
            continue
        for operator, keys in statement.get("Condition", {}).items():
            keys = {key: _filled(wanted, values, statement["Sid"]) for key, wanted in keys.items()}
            if [] in keys.values():
                raise RenderError(f"{statement['Sid']}: {operator} has no value, so that it would hold for everybody")
            statement["Condition"] = {**statement["Condition"], operator: keys}
        statements.append(statement)
    return {**policy, "Statement": statements}


def _filled(part, values, sid):
    if isinstance(part, list):
        return list(dict.fromkeys(text for element in part for text in _each(element, values, sid)))
    texts = _each(part, values, sid)
    return texts[0] if len(texts) == 1 else texts


def _each(text, values, sid):
    """The strings that a string with placeholders becomes: one for each value, or for each combination."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    unknown = [name for name in names if name not in values]
    if unknown:
        raise RenderError(f"{sid}: no such placeholder: {', '.join(unknown)}")
    combinations = itertools.product(*(values[name] for name in names))
    return [PLACEHOLDER.sub(lambda match, chosen=dict(zip(names, found)): chosen[match[1]], text) for found in combinations]


def render(stacks, options):
    """Every policy by its name, as the text that AWS is given."""
    values = values_of(stacks, options)
    texts = {}
    for path in sorted(SOURCES.glob("*.json")):
        policy = rendered(json.loads(path.read_text(encoding="utf-8")), values)
        # White space counts where a policy does not come through the console.
        texts[path.name] = json.dumps(policy, separators=(",", ":"))
    for name, text in texts.items():
        if len(text) > LONGEST:
            raise RenderError(f"{name} has {len(text)} characters, of {LONGEST}: render it for fewer accounts, stacks or principals")
    if len(texts) > MOST:
        raise RenderError(f"{len(texts)} policies, of {MOST} beside FullAWSAccess")
    return texts


def parser():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("stack", nargs="+", type=pathlib.Path, help="what `aws cloudformation describe-stacks` says of a stack to protect")
    options.add_argument("--deployer-principal", action="append", required=True, metavar="ARN", help="who may become the deployer, such as a pipeline's role")
    options.add_argument("--deployer", action="append", metavar="NAME", help="the deployer's name under role/studio-acs-deployment/ (deployer)")
    options.add_argument("--ledger-editor-principal", action="append", default=[], metavar="ARN", help="who may become the ledger editor; without one there is none")
    options.add_argument("--ledger-editor", action="append", metavar="NAME", help="the ledger editor's name under role/studio-acs-deployment/ (ledger-editor)")
    options.add_argument("--identity-provider", action="append", default=[], metavar="ARN", help="a SAML or OpenID Connect provider of IAM that the principals above rest on")
    options.add_argument("--artifact-bucket", action="append", default=[], metavar="NAME", help="the bucket that the function's code is deployed from")
    options.add_argument("--account", action="append", default=[], metavar="ID", help="a further account with roles of the broker, such as one with Studio domains")
    options.add_argument("--partition", default="aws", choices=["aws"], help="the partition")
    options.add_argument("--out", type=pathlib.Path, required=True, help="the folder that the policies are written to")
    return options


def parsed(arguments):
    options = parser().parse_args(arguments)
    options.deployer = options.deployer or ["deployer"]
    options.ledger_editor = options.ledger_editor or ["ledger-editor"]
    return options


def main(arguments=None):
    options = parsed(arguments)
    try:
        texts = render([stack for path in options.stack for stack in described(path)], options)
        options.out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            # Without a line's end, which would count.
            (options.out / name).write_text(text, encoding="utf-8")
            print(f"{options.out / name}: {len(text)} characters of {LONGEST}")
    except (OSError, RenderError) as error:
        sys.exit(f"render.py: {error}")


if __name__ == "__main__":
    main()
