"""The second judge refuses what AWS does not have, and says so when it differs."""

import unittest

import check
import second

ROLE = "arn:aws:iam::111122223333:role/a"
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/t"


class Judge(unittest.TestCase):
    def judged(self, action="dynamodb:GetItem", resource=TABLE, effect="Allow", **context):
        docket = second.Docket()
        made = check.world('{"DomainIds": "d-one"}')
        case = {"as": ROLE, "action": action, "resource": resource}
        policy = {"Version": "2012-10-17", "Statement": [{"Sid": "S", "Effect": effect, "Action": action, "Resource": resource}]}
        request = {"principal": ROLE, "action": action, "resource": resource, "context": {key.replace("__", ":"): value for key, value in context.items()}}
        docket.add(case, made, request, {"identity": [policy]})
        return docket.judged()[0]

    def test_it_decides(self):
        self.assertEqual(self.judged(), {"refused": "", "decision": "Allowed"})
        self.assertEqual(self.judged(effect="Deny"), {"refused": "", "decision": "ExplicitlyDenied"})

    def test_an_action_that_aws_does_not_have(self):
        self.assertEqual(self.judged(action="dynamodb:GetItems")["refused"], "invalid.action")
        self.assertEqual(self.judged(action="dynamo:GetItem")["refused"], "invalid.service")

    def test_an_action_that_is_never_asked_about_such_a_resource(self):
        self.assertEqual(self.judged(resource=ROLE)["refused"], "no.resource.types")

    def test_a_condition_key_that_the_action_does_not_have(self):
        self.assertEqual(self.judged(aws__SourceVpc="vpc-1")["refused"], "")
        self.assertEqual(self.judged(aws__SourceVpcs="vpc-1")["refused"], "aws:SourceVpcs")
        self.assertEqual(self.judged(sagemaker__DomainId="d-one")["refused"], "sagemaker:DomainId")


class Entries(unittest.TestCase):
    CASE = {"file": "mint.yaml", "action": "kms:decrypt", "resource": "<Key.Arn>"}
    ENTRY = {"file": ["mint.yaml"], "action": "kms:Decrypt", "says": "refuses k"}

    def test_an_entry_covers_its_own_difference_only(self):
        self.assertTrue(second.covers(self.ENTRY, self.CASE, "refuses k"))
        self.assertFalse(second.covers(self.ENTRY, self.CASE, "refuses l"))
        self.assertFalse(second.covers(self.ENTRY, {**self.CASE, "file": "network.yaml"}, "refuses k"))
        self.assertFalse(second.covers({**self.ENTRY, "resource": "<StudioKey.Arn>"}, self.CASE, "refuses k"))


if __name__ == "__main__":
    unittest.main()
