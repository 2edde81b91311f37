"""The reader of the templates follows nested stacks as CloudFormation does."""

import pathlib
import tempfile
import unittest

from template import Template

PARENT = """
Parameters: {{ Make: {{ Type: String, Default: "yes" }} }}
Conditions: {{ Makes: !Equals [!Ref Make, "yes"] }}
Resources:
  Key: {{ Type: AWS::KMS::Key, Properties: {{}} }}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {{ TemplateURL: child.yaml, Parameters: {parameters} }}
  Topic: {{ Type: AWS::SNS::Topic, Properties: {{ KmsMasterKeyId: !Sub "${{Child.Outputs.Name}}", TopicName: !GetAtt Child.Outputs.Name }} }}
Outputs: {{}}
"""
CHILD = """
Parameters: { Names: { Type: CommaDelimitedList }, Make: { Type: String }, Key: { Type: String } }
Conditions: { Makes: !Equals [!Ref Make, "yes"] }
Resources:
  Fn::ForEach::Groups:
    - Name
    - !Ref Names
    - Group${Name}: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Sub "${AWS::StackName}/${Name}", KmsKeyId: !Ref Key } }
  Role: { Type: AWS::IAM::Role, Condition: Makes, Properties: { Path: /studio-acs/ } }
Outputs:
  Name: { Condition: Makes, Value: !GetAtt Role.Arn }
"""
GIVEN = '{ Names: !Join [",", [a, b]], Make: !Ref Make, Key: !GetAtt Key.Arn }'


class Nested(unittest.TestCase):
    def made(self, parameters=GIVEN, child=CHILD, **given):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        (path / "template.yaml").write_text(PARENT.format(parameters=parameters), encoding="utf-8")
        (path / "child.yaml").write_text(child, encoding="utf-8")
        return Template(path / "template.yaml", given)

    def test_resources_of_a_nested_stack_stand_beside_the_others(self):
        deployed = self.made().deployed()["Resources"]
        self.assertEqual(set(deployed), {"Key", "Child", "Topic", "Groupa", "Groupb", "Role"})
        self.assertEqual(deployed["Groupb"]["Properties"]["KmsKeyId"], "<Key.Arn>")
        self.assertEqual(self.made().resource("Groupa")["KmsKeyId"], "<Key.Arn>")

    def test_a_nested_stack_has_a_name_of_its_own(self):
        self.assertRegex(self.made().resource("Groupa")["LogGroupName"], "^studio-Child-[A-Z0-9]+/a$")

    def test_an_output_is_what_the_nested_stack_says(self):
        role = "arn:aws:iam::111122223333:role/studio-acs/Role"
        self.assertEqual(self.made().resource("Topic"), {"KmsMasterKeyId": role, "TopicName": role})

    def test_an_output_whose_condition_does_not_hold(self):
        with self.assertRaisesRegex(KeyError, "child.yaml has no output Name"):
            self.made(Make="no").deployed()

    def test_a_parameter_that_is_not_given_or_does_not_exist(self):
        with self.assertRaisesRegex(KeyError, "Child is not given .'Key'."):
            self.made(parameters='{ Names: a, Make: "yes" }').deployed()
        with self.assertRaisesRegex(KeyError, "no such parameters: .'More'."):
            self.made(parameters=GIVEN.replace("{ ", "{ More: x, ")).deployed()

    def test_two_resources_of_one_name(self):
        with self.assertRaisesRegex(KeyError, "two resources are called .'Key'."):
            self.made(child=CHILD.replace("  Role:", "  Key: { Type: AWS::KMS::Key, Properties: {} }\n  Role:")).resources


if __name__ == "__main__":
    unittest.main()
