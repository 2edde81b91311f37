// Decides simulations by @cloud-copilot/iam-simulate: JSON on standard input, JSON on standard output. second.py runs it.
//
// In: {"policies": {id: {"kind", "document"}}, "simulations": [{"request", "identity", "scp", "endpoint", "resource"}]},
// with ids where policies stand. Out: [{"decision", "refused"}]. "refused" is why the library takes no such request, or
// the context keys that it leaves out because the action does not have them. Then the decision is made without that
// check, except through an endpoint, whose policy the unchecked call leaves out.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const require = createRequire(`${process.argv[2]}/`)
const { anonymousPrincipal, runSimulation, runUnsafeSimulation } = require('@cloud-copilot/iam-simulate')
const policy = require('@cloud-copilot/iam-policy')

const validate = {
  identity: policy.validateIdentityPolicy,
  scp: policy.validateServiceControlPolicy,
  endpoint: policy.validateEndpointPolicy,
  resource: policy.validateResourcePolicy,
  trust: policy.validateTrustPolicy
}
const given = JSON.parse(readFileSync(0, 'utf8'))
const policies = {}
for (const [id, { kind, document }] of Object.entries(given.policies)) {
  policies[id] = policy.createValidatedPolicy(document, validate[kind])
}
// The unchecked call wants a name of a resource policy.
const unchecked = (resource) => resource && policy.createValidatedPolicy(given.policies[resource].document, () => [], { name: resource })
const named = (ids) => ids.map((id) => ({ name: id, policy: policies[id] }))

const answers = []
for (const { request, identity, scp, endpoint, resource } of given.simulations) {
  const simulation = {
    request: { ...request, principal: request.principal ?? anonymousPrincipal },
    identityPolicies: named(identity),
    serviceControlPolicies: scp.length ? [{ orgIdentifier: 'o-1', policies: named(scp) }] : [],
    resourceControlPolicies: [],
    resourcePolicy: resource ? policies[resource] : undefined,
    vpcEndpointPolicies: endpoint.length ? named(endpoint) : undefined
  }
  const done = await runSimulation(simulation, {})
  let refused
  if (done.resultType === 'error') {
    const { message, ...more } = done.errors
    refused = Object.keys(more).length ? JSON.stringify(done.errors) : message
  } else {
    const ignored = (done.results ?? [done.result]).flatMap((one) => one.ignoredContextKeys ?? [])
    refused = [...new Set(ignored)].sort().join(' ')
  }
  const again = () => runUnsafeSimulation({ ...simulation, resourcePolicy: unchecked(resource) }, {})
  answers.push({ refused, decision: !refused ? done.overallResult : endpoint.length ? null : again() })
}
process.stdout.write(JSON.stringify(answers))
