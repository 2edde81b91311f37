"""The parts of evaluate.py that a service control policy rests on, against AWS's documentation of them."""

import unittest

from evaluate import bound_by_scp, decide, matches

DENY = {"Effect": "Deny", "Sid": "No", "Action": "*", "Resource": "*"}
ALLOW = {"Effect": "Allow", "Sid": "Yes", "Action": "*", "Resource": "*"}


def request(principal="arn:aws:iam::111122223333:role/Admin", action="dynamodb:PutItem", resource="*", **context):
    context = {key.replace("__", ":"): value for key, value in context.items()}
    return {"principal": principal, "action": action, "resource": resource, "context": context, "management": "999900001111"}


class SetOperators(unittest.TestCase):
    """IAM user guide, "Multivalued context keys"."""

    def denies(self, condition, **context):
        return matches({**DENY, "Condition": condition}, request(**context))

    def test_for_any_value_needs_a_value(self):
        for operator in ("StringLike", "StringNotLike", "StringEquals", "StringNotEquals"):
            self.assertFalse(self.denies({f"ForAnyValue:{operator}": {"dynamodb:LeadingKeys": "user#*"}}), operator)

    def test_for_any_value_of_a_negation_finds_the_one_that_does_not_fit(self):
        condition = {"ForAnyValue:StringNotLike": {"dynamodb:LeadingKeys": ["user#*", "links"]}}
        self.assertFalse(self.denies(condition, dynamodb__LeadingKeys=["user#alice", "links"]))
        self.assertTrue(self.denies(condition, dynamodb__LeadingKeys=["user#alice", "approval"]))

    def test_for_all_values_holds_without_any(self):
        self.assertTrue(self.denies({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "x"}}))

    def test_a_negation_without_a_quantifier_holds_without_the_key(self):
        self.assertTrue(self.denies({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/x"}}))
        self.assertFalse(self.denies({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/x"}}))

    def test_a_negation_holds_if_none_of_its_values_fits(self):
        condition = {"ArnNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"]}}
        self.assertFalse(self.denies(condition, aws__PrincipalArn="arn:aws:iam::111122223333:role/b"))
        self.assertTrue(self.denies(condition, aws__PrincipalArn="arn:aws:iam::111122223333:role/c"))


class NotAction(unittest.TestCase):
    def test_it_concerns_every_other_action_of_the_resource(self):
        statement = {"Effect": "Deny", "Sid": "No", "NotAction": ["lambda:Get*", "lambda:List*"], "Resource": "arn:aws:lambda:*:*:function:f*"}
        function = "arn:aws:lambda:eu-central-1:111122223333:function:f:live"
        self.assertTrue(matches(statement, request(action="lambda:InvokeFunction", resource=function)))
        self.assertFalse(matches(statement, request(action="lambda:getFunction", resource=function)))
        self.assertFalse(matches(statement, request(action="lambda:CreateEventSourceMapping", resource="*")))


class WhomAPolicyBinds(unittest.TestCase):
    """Organizations user guide, "Tasks and entities not restricted by SCPs"."""

    def test_members_of_the_organization(self):
        for principal in ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole", "arn:aws:iam::111122223333:role/service-role/r"):
            self.assertTrue(bound_by_scp(request(principal)), principal)
            self.assertEqual(decide(request(principal), {"scp": [{"Statement": [ALLOW, DENY]}], "identity": [{"Statement": [ALLOW]}]})[:2], ("deny", "No"))

    def test_neither_services_nor_their_roles_nor_the_management_account(self):
        for principal in ("lambda.amazonaws.com", "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/X", "arn:aws:iam::999900001111:role/Admin"):
            self.assertFalse(bound_by_scp(request(principal)), principal)
            self.assertEqual(decide(request(principal), {"scp": [{"Statement": [ALLOW, DENY]}], "identity": [{"Statement": [ALLOW]}]})[:2], ("allow", "Yes"))


if __name__ == "__main__":
    unittest.main()
