"""Tests of the policies that render.py makes, and of the input that it refuses."""

import json
import pathlib
import re
import tempfile
import unittest

import render

DESCRIBED = pathlib.Path(__file__).parents[1] / "checks/iam/cases/stack.json"
(STACK,) = render.described(DESCRIBED)
IDENTITY, OUTPUTS = STACK
PIPELINE = "arn:aws:iam::555566667777:role/pipeline"
OPERATOR = "arn:aws:iam::111122223333:role/operator"


def made(*arguments, stacks=(STACK,)):
    texts = render.render(stacks, render.parsed([f"--deployer-principal={PIPELINE}", "--out=unused", *arguments, "unused.json"]))
    return {name: json.loads(text) for name, text in texts.items()}, texts


def statement(policies, sid):
    found = [s for policy in policies.values() for s in policy["Statement"] if s["Sid"] == sid]
    return found[0] if found else None


def stack(number, **outputs):
    """A stack of another account, with other outputs; `None` takes one away."""
    given = {**OUTPUTS, **outputs}
    return IDENTITY.replace("111122223333", f"{number:012}"), {key: value for key, value in given.items() if value is not None}


class Rendered(unittest.TestCase):
    def test_policies_fit_beside_full_access(self):
        """Each within 5,120 characters and, with FullAWSAccess, no more than five of a target, with every option in use."""
        _, texts = made(
            f"--deployer-principal={OPERATOR}",
            f"--ledger-editor-principal={OPERATOR}",
            "--identity-provider=arn:aws:iam::111122223333:oidc-provider/git.corp.example",
            "--artifact-bucket=studio-artifacts",
            "--account=777788889999",
        )
        self.assertEqual(sorted(texts), ["control-plane.json", "data-plane.json", "identities.json", "studio.json"])
        self.assertLessEqual(len(texts) + 1, 5)
        for name, text in texts.items():
            self.assertLessEqual(len(text), 5120, name)
            self.assertTrue(text.isascii(), name)
            self.assertNotIn("\n", text, name)

    def test_nothing_is_left_to_fill_in_but_variables_of_iam(self):
        _, texts = made(f"--ledger-editor-principal={OPERATOR}")
        self.assertEqual(set(re.findall(r"\$\{[^}]*\}", "".join(texts.values()))), {"${sagemaker:DomainId}", "${sagemaker:UserProfileName}"})

    def test_every_statement_denies_and_has_a_name_of_its_own(self):
        policies, _ = made(f"--ledger-editor-principal={OPERATOR}")
        statements = [s for policy in policies.values() for s in policy["Statement"]]
        self.assertEqual({s["Effect"] for s in statements}, {"Deny"})
        self.assertEqual(len({s["Sid"] for s in statements}), len(statements))

    def test_exceptions_are_exact(self):
        policies, _ = made(f"--ledger-editor-principal={OPERATOR}")
        found = statement(policies, "OnlyThePipelineBecomesTheDeployer")
        self.assertEqual(found["Resource"], ["arn:aws:iam::111122223333:role/studio-acs-deployment/deployer"])
        self.assertEqual(found["Condition"], {"ArnNotEquals": {"aws:PrincipalArn": [PIPELINE]}})

    def test_a_deployer_and_its_successor_stand_side_by_side(self):
        policies, _ = made("--deployer=deployer", "--deployer=deployer2")
        expected = [f"arn:aws:iam::111122223333:role/studio-acs-deployment/{name}" for name in ("deployer", "deployer2")]
        self.assertEqual(statement(policies, "OnlyTheDeployerChangesTheKey")["Condition"]["ArnNotEquals"]["aws:PrincipalArn"], expected)
        self.assertEqual(statement(policies, "OnlyThePipelineBecomesTheDeployer")["Resource"], expected)

    def test_without_operators_no_role_edits_the_ledger(self):
        policies, _ = made()
        self.assertIsNone(statement(policies, "OnlyOperatorsBecomeTheLedgerEditor"))
        found = statement(policies, "OnlyTheLedgerEditorEditsTheLedger")
        self.assertEqual(found["Condition"], {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/studio-acs/*"]}})

    def test_what_a_stack_does_not_have_is_left_out(self):
        policies, _ = made(stacks=[stack(1, AuditFirehoseArn=None, CustomDomainName=None, AlarmTopicArn=None, AuditSealKeySecretArn=None, AuditWebhookSecretArn=None)])
        self.assertEqual(statement(policies, "OnlyTheDeployerChangesWhereRecordsGo")["Resource"], ["arn:aws:logs:*:*:log-group:/studio-acs/*"])
        self.assertEqual(len(statement(policies, "OnlyTheDeployerChangesTheApi")["Resource"]), 2)

    def test_stacks_of_several_accounts_share_the_policies(self):
        policies, _ = made(stacks=[STACK, stack(7, RestApiId="zzzzzzzzzz")])
        found = statement(policies, "OnlyTheDeployerChangesTheApi")
        self.assertIn("arn:aws:apigateway:*::/restapis/zzzzzzzzzz", found["Resource"])
        self.assertIn("arn:aws:iam::000000000007:role/studio-acs-deployment/deployer", found["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])


class Refused(unittest.TestCase):
    def refused(self, words, *arguments, **more):
        with self.assertRaisesRegex(render.RenderError, words):
            made(*arguments, **more)

    def test_a_wildcard_among_the_exceptions(self):
        """ArnEquals takes a wildcard for a pattern."""
        for arn in ("arn:aws:iam::555566667777:role/*", "arn:aws:iam::*:role/pipeline", "arn:aws:iam::555566667777:role/p?", "*", "arn:aws:iam::555566667777:root"):
            self.refused("--deployer-principal: expected", f"--deployer-principal={arn}")
            self.refused("--ledger-editor-principal: expected", f"--ledger-editor-principal={arn}")
        for name in ("*", "deployer*", "a/b", "deploy er", ""):
            self.refused("--deployer: expected", f"--deployer={name}")
            self.refused("--ledger-editor: expected", f"--ledger-editor={name}", f"--ledger-editor-principal={OPERATOR}")
        self.refused("--account: expected", "--account=*")
        self.refused("--artifact-bucket: expected", "--artifact-bucket=b*")
        self.refused("--identity-provider: expected", "--identity-provider=arn:aws:iam::111122223333:saml-provider/*")

    def test_a_wildcard_or_nonsense_among_the_outputs(self):
        for name in (*render.OUTPUTS, *render.OPTIONAL_OUTPUTS):
            for value in ("*", "", "${Deployer}", 'x","y'):
                self.refused(f"the output {name}: expected", stacks=[stack(1, **{name: value})])

    def test_a_stack_without_an_output_that_is_needed(self):
        for name in render.OUTPUTS:
            self.refused(f"studio has no output {name}", stacks=[stack(1, **{name: None})])

    def test_what_is_no_stack_or_of_another_partition(self):
        for identity in ("studio-acs", "arn:aws:lambda:eu-central-1:111122223333:function:studio", IDENTITY.replace("arn:aws:", "arn:aws-cn:")):
            self.refused("expected the ID of a stack", stacks=[(identity, OUTPUTS)])

    def test_more_than_a_policy_holds(self):
        self.refused("control-plane.json has [0-9]+ characters, of 5120", *(f"--account={number:012}" for number in range(20)))

    def test_a_condition_for_everybody(self):
        policy = {"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ["${Nobody}"]}}}]}
        with self.assertRaisesRegex(render.RenderError, "S: ArnNotEquals has no value"):
            render.rendered(policy, {"Nobody": []})

    def test_a_placeholder_that_is_misspelled(self):
        policy = {"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": "Deny", "Action": "*", "Resource": ["${Deploier}"]}]}
        with self.assertRaisesRegex(render.RenderError, "S: no such placeholder: Deploier"):
            render.rendered(policy, {"Deployer": []})


class Command(unittest.TestCase):
    def test_a_file_that_describes_no_stack_ends_with_a_message(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "stack.json"
            for text in ("", "[]", "{}", '{"Stacks": [{}]}', '{"Stacks": 1}', '{"Stacks": [[]]}'):
                path.write_text(text, encoding="utf-8")
                with self.assertRaisesRegex(SystemExit, "render.py: .*stack.json: expected what `aws cloudformation describe-stacks` prints"):
                    render.main([f"--deployer-principal={PIPELINE}", f"--out={folder}/out", str(path)])
            path.unlink()
            with self.assertRaisesRegex(SystemExit, "render.py: .*stack.json"):
                render.main([f"--deployer-principal={PIPELINE}", f"--out={folder}/out", str(path)])
            self.assertFalse((pathlib.Path(folder) / "out").exists())

    def test_what_is_written_is_what_was_rendered(self):
        with tempfile.TemporaryDirectory() as folder:
            render.main([f"--deployer-principal={PIPELINE}", f"--out={folder}/out", str(DESCRIBED)])
            _, texts = made()
            self.assertEqual({path.name: path.read_text(encoding="utf-8") for path in pathlib.Path(folder, "out").iterdir()}, texts)


if __name__ == "__main__":
    unittest.main()
