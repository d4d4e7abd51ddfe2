/**
 * What a host's firewall lets in, as the expected set of ports. Readers take the text of `ufw status`, `iptables-save`
 * and `nft -j list ruleset`; whatever they do not understand is listed, never guessed: an allowance that is missing
 * shows up as a finding, one that was made up would hide one.
 */
import { mergePorts, NO_PORTS, type PortRange, type PortSet, subtractPorts } from '#core/target/port-set.ts'
import type { Transport } from '#core/target/probe-space.ts'

export interface Allowance {
  readonly transport: Transport
  readonly ports: readonly PortRange[]
  /** Networks it is limited to; null: from anywhere. */
  readonly from: readonly string[] | null
  /** Addresses of this host it is limited to; null: all. */
  readonly to: readonly string[] | null
  readonly comment: string | null
}

export interface FirewallRules {
  readonly allowances: readonly Allowance[]
  /** True when packets no rule speaks of are let in. */
  readonly acceptsRest: boolean
  /** Ports that are turned away from whoever asks: of interest where the rest is let in. */
  readonly refused: PortSet
  /** Rules that let something in but could not be expressed, with the reason. */
  readonly skipped: readonly { readonly rule: string; readonly why: string }[]
}

/** Takes rules in their order: what is refused by then is not let in by a later one. */
export interface RuleCollector {
  allow(allowance: Allowance): void
  refuse(transport: Transport, ports: readonly PortRange[]): void
  skip(rule: string, why: string): void
  /** Packets that no rule has spoken of by now are let in. */
  acceptRest(): void
  /** The next rules are another list: what this one refuses, that one may let in. */
  startOver(): void
  readonly rules: FirewallRules
}

export function collectRules(): RuleCollector {
  const allowances: Allowance[] = []
  const skipped: { rule: string; why: string }[] = []
  let [acceptsRest, here, refused] = [false, NO_PORTS, NO_PORTS]
  const add = (set: PortSet, transport: Transport, ports: readonly PortRange[]): PortSet => ({
    ...set,
    [transport]: mergePorts([...set[transport], ...ports]),
  })
  return {
    allow(allowance) {
      const ports = subtractPorts(allowance.ports, here[allowance.transport])
      if (ports.length > 0) allowances.push({ ...allowance, ports })
    },
    refuse(transport, ports) {
      here = add(here, transport, ports)
      refused = add(refused, transport, ports)
    },
    skip: (rule, why) => skipped.push({ rule, why }),
    acceptRest() {
      acceptsRest = true
    },
    startOver() {
      here = NO_PORTS
    },
    get rules() {
      return { allowances, acceptsRest, refused, skipped }
    },
  }
}

/** Protocols that open no port: letting them in is nothing a policy of ports could hold. */
export const PORTLESS: ReadonlySet<string> = new Set(['icmp', 'icmpv6', 'ipv6-icmp', 'igmp'])

/** Longest text read, in characters, and most rules taken from it. */
export const MAX_FIREWALL_TEXT = 4_000_000
export const MAX_FIREWALL_RULES = 20_000
/** Chains that jump deeper are not followed; a loop cannot occur in a loaded rule set, but in a forged text. */
export const MAX_CHAIN_DEPTH = 16
/** Rules read, however often chains are entered. */
export const MAX_CHAIN_STEPS = 100_000

/** `22`, `80,443`, `8000:8010` (ufw, iptables) or `8000-8010`; null when it is anything else. */
export function parseFirewallPorts(text: string): PortRange[] | null {
  const ranges = text.split(',').map((part): PortRange | null => {
    const [, low, high] = part.match(/^(\d{1,5})(?:[:-](\d{1,5}))?$/) ?? []
    if (low === undefined) return null
    const range = { first: Number(low), last: Number(high ?? low) }
    return range.first <= range.last && range.last <= 65_535 ? range : null
  })
  return ranges.some((range) => range === null) ? null : ranges.filter((range) => range !== null)
}
