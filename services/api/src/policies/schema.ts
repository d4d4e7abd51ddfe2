/** A policy: what may be reachable, as a document of rules. */
import { z } from 'zod'
import { Place } from '../changes/schema.ts'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment } from '../http/text.ts'
import { MOST_TAGS, tagName } from '../tags/schema.ts'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
const severity = z.enum(SEVERITIES)
const names = z
  .array(line({ max: 200 }))
  .min(1)
  .max(1000)
const spec = line({ max: 1024 }).meta({ examples: ['10.0.0.0/8'] })

export const PolicyRule = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _')
      .meta({ description: 'Findings refer to it.' }),
    effect: z.enum(['allow', 'require', 'forbid']).meta({
      description: '`allow`: may be open, if `expect` holds; `require`: must be open as well; `forbid`: must not be.',
    }),
    targets: z
      .array(spec)
      .min(1)
      .max(10_000)
      .optional()
      .meta({ description: 'Addresses, blocks, ranges; unset: all.' }),
    names: names.optional().meta({
      description:
        'Host names: selects what was scanned under one of them and led to this address then; `*` stands for anything.',
      examples: [['*.example.com']],
    }),
    tags: z
      .array(tagName)
      .min(1)
      .max(MOST_TAGS)
      .optional()
      .meta({ description: 'Selects addresses with one of them.' }),
    vantages: names.optional(),
    ports: line({ max: 10_000 })
      .optional()
      .meta({ description: 'A port spec; unset: all.', examples: ['22,443'] }),
    services: names.optional().meta({ description: 'Service names: selects a service wherever it runs.' }),
    products: names.optional().meta({ description: 'Product names: selects a product wherever it runs.' }),
    unidentified: z
      .boolean()
      .optional()
      .meta({ description: 'Whether `services` also selects what is not identified.' }),
    expect: z
      .strictObject({
        services: names.optional(),
        products: names.optional(),
        minVersion: line({ max: 100 }).optional(),
        certificateDays: z.int().min(0).max(3650).optional(),
      })
      .optional()
      .meta({ description: 'What must be true of an allowed endpoint. What is not known fails nothing.' }),
    severity: severity.optional(),
    owner: line({ max: 200 }).optional(),
    reason: line({ max: 1000 }).optional(),
    expires: moment
      .optional()
      .meta({ description: 'From then on the rule allows nothing, and what it allowed is found.' }),
  })
  .meta({ id: 'PolicyRule' })

export const PolicyDocument = z
  .strictObject({
    otherwise: z.enum(['allow', 'forbid']).default('forbid').meta({ description: 'For ports no rule speaks of.' }),
    severity: severity.optional().meta({ description: 'Of what no rule allows; `medium` unless said.' }),
    rules: z.array(PolicyRule).max(5_000).default([]).meta({ description: 'The first rule that matches decides.' }),
  })
  .meta({ id: 'PolicyDocument' })
export type PolicyDocument = z.output<typeof PolicyDocument>

export const CreatePolicy = z
  .strictObject({ name: line({ max: 200 }), enabled: z.boolean().default(true), document: PolicyDocument })
  .meta({ id: 'CreatePolicy' })

export const UpdatePolicy = z
  .strictObject({
    name: line({ max: 200 }).optional(),
    enabled: z.boolean().optional(),
    document: PolicyDocument.optional(),
  })
  .meta({ id: 'UpdatePolicy' })

export const Policy = z
  .strictObject({
    id,
    name: z.string(),
    enabled: z.boolean(),
    revision: z.int(),
    document: PolicyDocument,
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Policy' })
export type Policy = z.output<typeof Policy>

export const PolicyPage = pageOf(Policy, 'PolicyPage')
export const PolicyPath = z.strictObject({ id })
export const ListPolicies = z.strictObject(paging)
export const ReadPolicy = z.strictObject({
  format: z
    .enum(['json', 'yaml'])
    .default('json')
    .meta({ description: '`yaml`: the document alone, to keep as code.' }),
})

export const DRAFTS = ['default', 'baseline', 'yaml', 'ufw', 'iptables', 'nft'] as const

export const DraftPolicy = z
  .strictObject({
    from: z.enum(DRAFTS).meta({
      description:
        '`default`: what should be reachable nowhere; `baseline`: what is open now; `yaml`: a document kept as code; `ufw`, `iptables`, `nft`: what `ufw status`, `iptables-save` or `nft -j list ruleset` printed.',
    }),
    text: z.string().max(4_000_000).default('').meta({ description: 'For all but `default` and `baseline`.' }),
    targets: z.array(spec).max(1000).default([]).meta({ description: 'The addresses a firewall protects.' }),
  })
  .meta({ id: 'DraftPolicy' })

export const Draft = z
  .strictObject({
    document: PolicyDocument,
    skipped: z
      .array(z.strictObject({ rule: z.string(), why: z.string() }))
      .meta({ description: 'Rules of a firewall that let something in but cannot be expressed.' }),
  })
  .meta({ id: 'PolicyDraft' })

export const EvaluatePolicy = z
  .strictObject({
    document: PolicyDocument,
    at: moment.optional().meta({ description: 'As things were at this moment; unset: as they are now.' }),
  })
  .meta({ id: 'EvaluatePolicy' })

export const Violation = z
  .strictObject({
    kind: z.enum([
      'unexpected-open',
      'unexpected-closed',
      'wrong-service',
      'wrong-product',
      'version-too-old',
      'certificate-expiring',
      'rule-expired',
    ]),
    ruleId: z.string().nullable().meta({ description: 'Null: no rule allows it.' }),
    severity,
    endpoint: Place,
    detail: z.string(),
  })
  .meta({ id: 'Violation' })

export const Evaluation = z
  .strictObject({
    total: z.int(),
    endpoints: z.int().meta({ description: 'Open endpoints looked at.' }),
    complete: z.boolean().meta({ description: 'False when there are more open endpoints than were looked at.' }),
    severities: z.record(severity, z.int()),
    violations: z.array(Violation).meta({ description: 'The first 1,000.' }),
  })
  .meta({ id: 'PolicyEvaluation' })
