#!/usr/bin/env bash
# A template with Fn::ForEach, judged by the SAM command three times.
#
# Guess:    `sam validate` takes the loops of the transform AWS::LanguageExtensions, which CloudFormation has had since 2023, where
#           the template names that transform.
# Seen:     it calls the template invalid ("All 'Resources' must be Objects", and a hint at the indentation). With --lint, which
#           does more, the same template is valid, and so it is with --language-extensions. Naming the transform is not enough:
#           the flag, or language_extensions = true in samconfig.toml, has to say it once more.
# Version:  aws-sam-cli 1.170.0 (PyPI).
# Concerns: pipelines that validate without a samconfig.toml, and readers of a message that speaks of indentation.
# Here:     samconfig.toml sets language_extensions for every command that the documentation shows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet aws-sam-cli==1.170.0

cat > template.yaml <<'YAML'
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Alarms, Reports]
    - ${Name}Topic:
        Type: AWS::SNS::Topic
YAML

export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
judge() {
  if venv/bin/sam validate "$@" > answer.txt 2>&1; then echo valid; else grep -o "All 'Resources' must be Objects" answer.txt | head -1; fi
}
found=$(
  echo "plain: $(judge)"
  echo "lint: $(judge --lint)"
  echo "extensions: $(judge --language-extensions)"
)
expected="plain: All 'Resources' must be Objects
lint: valid
extensions: valid"
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated: one template, invalid by the plain command and valid by both others"
