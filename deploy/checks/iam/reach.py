"""The template's resources, and for each a call that would change it."""

import json

from template import PSEUDO

ACCOUNT = PSEUDO["AWS::AccountId"]

# The name of each kind of resource, and the call. `{output}` is what the stack's output says of it.
_CHANGES = {
    "AWS::ApiGateway::DomainNameV2": ("apigateway:UpdateDomainNamePolicy", "arn:aws:apigateway:eu-central-1:{account}:/domainnames/{DomainName}+abcd1234"),
    "AWS::ApiGateway::RestApi": ("apigateway:UpdateRestApiPolicy", "arn:aws:apigateway:eu-central-1::/restapis/{output}"),
    "AWS::CloudFormation::Stack": ("cloudformation:UpdateStack", "arn:aws:cloudformation:eu-central-1:{account}:stack/{stack}-{name}-1A2B3C4D5E6F/0a1b2c3d"),
    "AWS::CloudWatch::Alarm": ("cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:eu-central-1:{account}:alarm:{stack}-{name}-1A"),
    "AWS::DynamoDB::Table": ("dynamodb:UpdateTable", "arn:aws:dynamodb:eu-central-1:{account}:table/{output}"),
    "AWS::IAM::ManagedPolicy": ("iam:CreatePolicyVersion", "arn:aws:iam::{account}:policy{Path}{stack}-{name}-1A"),
    "AWS::IAM::Role": ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::{account}:role{Path}{stack}-{name}-1A"),
    "AWS::KMS::Key": ("kms:PutKeyPolicy", "{output}"),
    "AWS::Logs::LogGroup": ("logs:DeleteLogGroup", "arn:aws:logs:eu-central-1:{account}:log-group:{LogGroupName}:*"),
    "AWS::SecretsManager::Secret": ("secretsmanager:PutSecretValue", "arn:aws:secretsmanager:eu-central-1:{account}:secret:{Name}-a1B2c3"),
    "AWS::Serverless::Function": ("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-central-1:{account}:function:{FunctionName}"),
    "AWS::Serverless::LayerVersion": ("lambda:DeleteLayerVersion", "arn:aws:lambda:eu-central-1:{account}:layer:{LayerName}:1"),
}
# Parts of those above, whose names begin as theirs do.
_PARTS = {
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::BasePathMappingV2",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::DomainNameAccessAssociation",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::Stage",
    "AWS::IAM::Policy",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::SecretsManager::ResourcePolicy",
}
# The network and its names, which are others' too, and Studio: policies/README.md says what follows from that.
_NOT_OURS = ("AWS::ApiGateway::Account", "AWS::CloudWatch::Dashboard", "AWS::EC2::", "AWS::Route53::", "AWS::SageMaker::")
# Roles and a key that decide about no sign-in.
_OTHERS = {"ApiGatewayLogRole", "FlowLogRole", "StudioExecutionRole", "StudioKey"}


def changes(template, given):
    """Each logical ID with a call that would change it, and the resource of the call; `given` are the stack's outputs.

    Raises `KeyError` for a kind of resource that neither table covers yet.
    """
    named = {json.dumps(output["Value"]): given.get(name) for name, output in template.body["Outputs"].items()}
    for name, body in template.deployed()["Resources"].items():
        if name in _OTHERS or body["Type"] in _PARTS or body["Type"].startswith(_NOT_OURS):
            continue
        action, shape = _CHANGES[body["Type"]]
        output = named.get(json.dumps({"Ref": name}), named.get(json.dumps({"Fn::GetAtt": [name, "Arn"]})))
        yield name, action, shape.format(account=ACCOUNT, stack=PSEUDO["AWS::StackName"], name=name, output=output, **body["Properties"])
