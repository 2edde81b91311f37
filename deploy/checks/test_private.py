"""Each check of private.py finds its fault, where one is made."""

import json
import unittest

import private

UNIT = (private.DEPLOY / "studio-acs.service").read_text(encoding="utf-8")
TASK = json.loads((private.DEPLOY / "ecs-task-definition.json").read_text(encoding="utf-8"))


class Faults(unittest.TestCase):
    def test_the_secrets_are_those_that_the_program_has(self):
        self.assertIn("STUDIO_ACS_RESUME_KEY", private.SECRETS)
        self.assertIn("STUDIO_ACS_AUDIT_WEBHOOK_SECRET", private.SECRETS)
        self.assertGreaterEqual(len(private.SECRETS), 4)

    def test_nothing_is_wrong_as_it_stands(self):
        wrong = []
        private.unit(UNIT, wrong)
        private.task(json.dumps(TASK), wrong)
        self.assertEqual(wrong, [])

    def test_a_unit(self):
        for before, after, words in (
            ("=%d/resume-key", "=/etc/studio-acs/resume-key", "STUDIO_ACS_RESUME_KEY is /etc/studio-acs/resume-key"),
            ("LoadCredential=resume-key:", "LoadCredential=other:", "which no LoadCredential= makes"),
            (":studio-acs.resume-key", ":/etc/studio-acs/resume-key", "is loaded from /etc/studio-acs/resume-key"),
            ("# Environment=STUDIO_ACS_AUDIT_SPLUNK_TOKEN", "# STUDIO_ACS_AUDIT_SPLUNK_TOKEN", "SPLUNK_TOKEN has no line"),
            ("LimitCORE=0", "SetCredential=resume-key:text", "shows its text"),
        ):
            wrong = []
            self.assertIn(before, UNIT)
            private.unit(UNIT.replace(before, after), wrong)
            self.assertTrue(any(words in line for line in wrong), (after, wrong))

    def test_a_task(self):
        (container,) = TASK["containerDefinitions"]
        key = {"name": "STUDIO_ACS_RESUME_KEY", "value": "0123456789abcdef0123456789abcdef"}
        for change in ({"secrets": []}, {"environmentFiles": []}, {"environment": [key]}):
            wrong = []
            private.task(json.dumps({"containerDefinitions": [{**container, **change}]}), wrong)
            self.assertEqual(len(wrong), 1, change)
