import { baselinePolicy, defaultPolicy, firewallPolicy } from '@portolan/core/exposure/draft-policy.ts'
import { readIptablesSave } from '@portolan/core/exposure/firewall/iptables.ts'
import { readNftRuleset } from '@portolan/core/exposure/firewall/nftables.ts'
import { readUfwStatus } from '@portolan/core/exposure/firewall/ufw.ts'
import type { z } from 'zod'
import { check } from '../http/check.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { remembered } from './open-endpoints.ts'
import { readYaml } from './read-yaml.ts'
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
    case 'yaml': {
      const written = parsed('YAML', () => readYaml(text))
      return { document: check(PolicyDocument, written, 'body'), skipped: [] }
    }
    default: {
      const rules = readFirewall(from, text)
      const skipped = rules.skipped.slice(0, 1000).map(({ rule, why }) => ({ rule, why }))
      return { document: check(PolicyDocument, firewallPolicy(rules, targets), 'body'), skipped }
    }
  }
}

function readFirewall(from: 'ufw' | 'iptables' | 'nft', text: string) {
  return parsed('what nft -j list ruleset prints', () =>
    from === 'ufw' ? readUfwStatus(text) : from === 'iptables' ? readIptablesSave(text) : readNftRuleset(text),
  )
}

function parsed<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : ''
    const detail = `is not ${what}: ${why}`.slice(0, 300)
    throw new Problem('validation', `text: ${detail}`, { errors: [{ in: 'body', pointer: '#/text', detail }], cause })
  }
}
