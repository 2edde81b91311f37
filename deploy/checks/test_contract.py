"""Each check of contract.py finds its fault, where one is made."""

import copy
import unittest

import contract
from template import Template

EVERYTHING = {**contract.TOKEN_API, "DomainIds": "d-one", "AuditFirehose": "stream", "AuditWebhook": "https://siem.example/"}


def template():
    return Template(contract.ROOT / "template.yaml", EVERYTHING)


class Faults(unittest.TestCase):
    def setUp(self):
        self.made, self.wrong = template(), []

    def found(self, words):
        self.assertEqual(len(self.wrong), 1, self.wrong)
        self.assertIn(words, self.wrong[0])

    def variables(self):
        return self.made.body["Resources"]["Function"]["Properties"]["Environment"]["Variables"]

    def test_nothing_is_wrong_as_it_stands(self):
        contract.shape(self.wrong)
        contract.settings(self.made, self.wrong)
        contract.codes_and_messages(self.made, self.wrong)
        contract.alarms(self.made, self.wrong)
        self.assertEqual(self.wrong, [])

    def test_a_variable_that_is_no_setting(self):
        self.variables()["STUDIO_ACS_SKEWED"] = "1"
        contract.settings(self.made, self.wrong)
        self.found("STUDIO_ACS_SKEWED is no setting")

    def test_a_parameter_beyond_the_range_of_its_setting(self):
        self.made.body["Parameters"]["UrlExpires"]["MaxValue"] = 301
        contract.settings(self.made, self.wrong)
        self.found("UrlExpires is 5 to 301")

    def test_a_word_that_its_setting_does_not_take(self):
        self.made.body["Parameters"]["RequireSigned"]["AllowedValues"].append("neither")
        contract.settings(self.made, self.wrong)
        self.found("RequireSigned allows ['neither']")

    def filtered(self, pattern, value="$.count"):
        self.made.nested("Watching").body["Resources"]["ReplayedMetric"]["Properties"].update(
            FilterPattern=pattern, MetricTransformations=[{"MetricNamespace": "n", "MetricName": "m", "MetricValue": value}]
        )
        contract.codes_and_messages(self.made, self.wrong)

    def test_a_code_that_no_refusal_has(self):
        self.filtered('{ $.message = "sign-in" && $.code = "replay" }')
        self.found("no refusal has the code replay")

    def test_a_message_that_no_line_has(self):
        self.filtered('{ $.message = "the metadata cannot be read" }', "1")
        self.found("no line has the message")

    def test_an_outcome_that_no_sign_in_has(self):
        self.filtered('{ $.message = "sign-in" && $.outcome = "denied" }')
        self.found("no sign-in has the outcome denied")

    def test_a_field_that_no_such_line_has(self):
        self.filtered('{ $.message = "sign-in" && $.door = "saml" }')
        self.found("no such line has the field door")

    def test_a_filter_that_counts_lines(self):
        self.filtered('{ $.message = "sign-in" && $.code = "replayed" }', "1")
        self.found("counts lines")

    def watched(self, metric, before, after):
        properties = self.made.nested("Watching").body["Resources"][metric]["Properties"]
        self.assertIn(before, properties["FilterPattern"])
        properties["FilterPattern"] = properties["FilterPattern"].replace(before, after)
        contract.alarms(self.made, self.wrong)

    def test_a_code_that_its_alarm_does_not_count(self):
        self.watched("ForgedMetric", '$.code = "dtd_forbidden" || ', "")
        self.found("Forged does not count 'dtd_forbidden'")

    def test_a_code_of_another_alarm(self):
        self.watched("MintFailedMetric", "mint_*", "m*_*")
        self.assertIn("MintFailed counts 'method_not_allowed', which is not its own", self.wrong)

    def test_a_message_that_its_alarm_does_not_count(self):
        self.watched("BrokeOffMetric", "an attempt broke off*", "an attempt ended*")
        self.found("BrokeOff does not count 'an attempt broke off: a defect of ours'")

    def test_a_pattern_that_is_too_long(self):
        self.watched("ReplayedMetric", '"replayed"', '"replayed"' + ' || $.code = "replayed"' * 50)
        self.found("a pattern of more than 1024 characters")

    def test_a_sign_in_that_outlasts_the_gateway(self):
        slow = copy.deepcopy(contract.CONTRACT)
        slow["worst_case_seconds"][1]["seconds"] += 3
        before, contract.CONTRACT = contract.CONTRACT, slow
        self.addCleanup(setattr, contract, "CONTRACT", before)
        contract.time({}, self.wrong)
        self.found("a sign-in may take 30 s, and the gateway waits for 29 s")

    def test_a_route_without_another_deployment(self):
        self.made.body["Resources"]["SamlMethod"]["Properties"]["HttpMethod"] = "GET"
        contract.deployment(self.made, self.wrong)
        self.found("the API has changed")

    def test_a_row_without_a_member(self):
        short = copy.deepcopy(contract.CONTRACT)
        del short["codes"][0]["status"]
        before, contract.CONTRACT = contract.CONTRACT, short
        self.addCleanup(setattr, contract, "CONTRACT", before)
        contract.shape(self.wrong)
        self.found("['status'] missing")


if __name__ == "__main__":
    unittest.main()
