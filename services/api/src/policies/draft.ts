import { baselinePolicy, defaultPolicy, firewallPolicy } from '@portolan/core/exposure/draft-policy.ts'
import { readIptablesSave } from '@portolan/core/exposure/firewall/iptables.ts'
import { readNftRuleset } from '@portolan/core/exposure/firewall/nftables.ts'
import { readUfwStatus } from '@portolan/core/exposure/firewall/ufw.ts'
import { parse } from 'yaml'
import type { z } from 'zod'
import { check } from '../http/check.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { remembered } from './open-endpoints.ts'
import { type Draft, type DraftPolicy, PolicyDocument } from './schema.ts'

type Wish = z.output<typeof DraftPolicy>

/** Throws a `validation` problem when the text is not what it is said to be. */
export async function draft({ body, parts, caller }: Call<unknown, unknown, Wish>): Promise<z.input<typeof Draft>> {
  const { from, text, targets } = body
  switch (from) {
    case 'default':
      return { document: check(PolicyDocument, defaultPolicy(), 'body'), skipped: [] }
    case 'baseline': {
      const { open } = await remembered(parts.db.pool, caller.projectId, null)
      return { document: check(PolicyDocument, baselinePolicy(open), 'body'), skipped: [] }
    }
    case 'yaml':
      return { document: check(PolicyDocument, readYaml(text), 'body'), skipped: [] }
    default: {
      const rules = readFirewall(from, text)
      const skipped = rules.skipped.slice(0, 1000).map(({ rule, why }) => ({ rule, why }))
      return { document: check(PolicyDocument, firewallPolicy(rules, targets), 'body'), skipped }
    }
  }
}

/** A document may repeat parts by alias, but not until it no longer fits into memory. */
const MOST_ALIASES = 100

function readYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: MOST_ALIASES, logLevel: 'error' })
  } catch (cause) {
    throw unreadable('YAML', cause)
  }
}

function readFirewall(from: 'ufw' | 'iptables' | 'nft', text: string) {
  try {
    return from === 'ufw' ? readUfwStatus(text) : from === 'iptables' ? readIptablesSave(text) : readNftRuleset(text)
  } catch (cause) {
    throw unreadable('what nft -j list ruleset prints', cause)
  }
}

function unreadable(what: string, cause: unknown): Problem {
  const why = cause instanceof Error ? cause.message.split('\n')[0] : ''
  const detail = `is not ${what}: ${why}`.slice(0, 300)
  return new Problem('validation', `text: ${detail}`, { errors: [{ in: 'body', pointer: '#/text', detail }], cause })
}
