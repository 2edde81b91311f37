"""The checks of service control policies find what they are for."""

import unittest

import catalogue
import words

ROLE = "arn:aws:iam::111122223333:role/a"


def policy(**statement):
    return {"Statement": [{"Sid": "S", "Effect": "Deny", "Resource": "*", **statement}]}


def request(action, resource=ROLE, **context):
    return {"principal": "arn:aws:iam::111122223333:role/Admin", "action": action, "resource": resource, "context": context}


class IdleWords(unittest.TestCase):
    def idle(self, document, *requests):
        return words.idle("p", document, [(asked, [document]) for asked in requests])

    def test_an_action_that_no_case_asks_for(self):
        document = policy(Action=["iam:TagRole", "iam:UntagRole"])
        self.assertEqual(self.idle(document, request("iam:TagRole")), ["p: S: no case needs iam:UntagRole"])
        self.assertEqual(self.idle(document, request("iam:TagRole"), request("iam:UntagRole")), [])

    def test_an_exemption_that_no_case_needs(self):
        document = policy(NotAction=["iam:Get*", "iam:List*"])
        self.assertEqual(self.idle(document, request("iam:TagRole"), request("iam:GetRole")), ["p: S: no case needs iam:List*"])

    def test_a_condition_that_no_case_needs(self):
        document = policy(Action="iam:TagRole", Condition={"StringNotEquals": {"k": ["a", "b"]}})
        self.assertEqual(self.idle(document, request("iam:TagRole", k="c")), [f"p: S: no case needs {word}" for word in ("StringNotEquals k", "a", "b")])
        self.assertEqual(self.idle(document, *(request("iam:TagRole", k=value) for value in "abc")), [])

    def test_what_another_statement_denies_as_well_proves_nothing(self):
        document = policy(Action=["iam:TagRole", "iam:UntagRole"])
        document["Statement"].append({"Sid": "T", "Effect": "Deny", "Action": "iam:*", "Resource": "*"})
        self.assertEqual(len(self.idle(document, request("iam:TagRole"), request("iam:UntagRole"))), 2)


class Catalogue(unittest.TestCase):
    def test_an_action_that_aws_does_not_have(self):
        self.assertEqual(catalogue.in_vain({"Action": ["iam:TagRole", "iam:TagRoles"], "Resource": ROLE}), ["iam:TagRoles"])

    def test_an_action_that_is_never_asked_about_such_a_resource(self):
        self.assertEqual(catalogue.in_vain({"Action": ["iam:AddRoleToInstanceProfile", "iam:PassRole"], "Resource": ROLE}), ["iam:AddRoleToInstanceProfile"])
        self.assertFalse(catalogue.is_asked("iam:AddRoleToInstanceProfile", ROLE))
        self.assertTrue(catalogue.is_asked("iam:PassRole", ROLE))
        self.assertTrue(catalogue.is_asked("organizations:LeaveOrganization", "*"))

    def test_the_calls_of_a_resource(self):
        self.assertEqual(catalogue.calls(["firehose:*"], "arn:aws:firehose:eu-central-1:111122223333:deliverystream/s", ["firehose:*DeliveryStream*", "firehose:PutRecord"]), ["firehose:putrecordbatch", "firehose:updatedestination"])
        self.assertEqual(catalogue.calls(["sts:*"], "arn:aws:sqs:eu-central-1:111122223333:q"), [])


if __name__ == "__main__":
    unittest.main()
