/**
 * The limits that hold over all workers: of a scan, of this vantage, of the installation, and of each address. The
 * database gives every worker a share of each, renewed a few times a second; within it, this process decides alone.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RateGate } from '@portolan/core/engine/rate-gate.ts'
import type pg from 'pg'
import { HostShareCell } from './host-share-cell.ts'
import { LocalShare } from './local-share.ts'
import { HostShares, renewRates, SHARE_LEASE } from './share-exchange.ts'

/** What of the limits concerns one shard. */
export interface Membership {
  /** Permission for probes under the limits of scan, vantage and installation; the slowest wins. */
  readonly gate: RateGate
  /** Is there any such limit? */
  readonly isGated: boolean
  /** One cell: probes per second to any one address now. */
  readonly hostShare: Int32Array
  /** The limit of each address that `hostShare` is a part of; null: none. */
  readonly perHost: number | null
  /** Call when nothing is sent any more. */
  leave(): void
}

export interface SharedLimits {
  /** Resolves once the shares are known. Rejects when `signal` aborts before. */
  join(who: Joining, signal: AbortSignal): Promise<Membership>
  close(): Promise<void>
}

export type Joining = {
  readonly scanId: string
  readonly shardId: string
  /** There is a limit where there was none, or the other way round. */
  readonly onChange: () => void
}

/** Milliseconds between two renewals; shorter while somebody waits for a first share, longer while nothing is limited. */
const PERIOD = 200
const STARVED = 50
const UNLIMITED = 400
/** A share nobody here has used for so long, in milliseconds, is given back. */
const LINGER = 1_000

type Member = {
  readonly scanId: string
  readonly shardId: string
  readonly onChange: () => void
  readonly hostShare: HostShareCell
  perHost: number | null
}

export type LimitsOptions = {
  readonly db: pg.Pool
  readonly workerId: string
  readonly vantage: string
  readonly onError: (error: unknown) => void
}

export function createSharedLimits(options: LimitsOptions): SharedLimits {
  const limits = new Limits(options)
  return {
    async join({ scanId, shardId, onChange }, signal) {
      const member: Member = {
        scanId,
        shardId,
        onChange,
        hostShare: new HostShareCell(),
        perHost: null,
      }
      await limits.admit(member, signal)
      return {
        gate: { take: (wanted, signal) => limits.take(scanId, wanted, signal) },
        get isGated() {
          return limits.isGated(scanId)
        },
        hostShare: member.hostShare.cell,
        get perHost() {
          return member.perHost
        },
        leave: () => limits.dismiss(member),
      }
    },
    close: () => limits.close(),
  }
}

class Limits {
  readonly #options: LimitsOptions
  readonly #hosts: HostShares
  readonly #shares = new Map<string, LocalShare>()
  readonly #members = new Set<Member>()
  readonly #always: readonly string[]
  #renewing: Promise<boolean> | null = null
  #timer: NodeJS.Timeout | null = null
  #renewed = Promise.withResolvers<void>()
  #closed = false

  constructor(options: LimitsOptions) {
    this.#options = options
    this.#hosts = new HostShares(options.db)
    this.#always = ['global', `vantage ${options.vantage}`]
  }

  #keysOf(scanId: string): readonly string[] {
    return [`scan ${scanId}`, ...this.#always]
  }

  async admit(member: Member, signal: AbortSignal): Promise<void> {
    this.#members.add(member)
    const now = performance.now()
    for (const key of this.#keysOf(member.scanId)) {
      const share = this.#shares.get(key) ?? new LocalShare()
      share.usedAt = now
      share.noteWait()
      this.#shares.set(key, share)
    }
    // One that is under way does not know of us.
    await this.#renewing
    while (!(await this.#renew())) {
      if (signal.aborted) this.dismiss(member)
      await sleep(PERIOD, undefined, { signal })
    }
  }

  dismiss(member: Member): void {
    this.#members.delete(member)
    member.hostShare.grant(0)
    const { db, onError } = this.#options
    db.query('DELETE FROM host_shares WHERE shard_id = $1', [member.shardId]).catch(onError)
  }

  isGated(scanId: string): boolean {
    return this.#keysOf(scanId).some((key) => this.#shares.get(key)?.isLimited ?? true)
  }

  async take(scanId: string, wanted: number, signal: AbortSignal): Promise<number> {
    const keys = this.#keysOf(scanId)
    for (;;) {
      signal.throwIfAborted()
      const shares = keys.flatMap((key) => this.#shares.get(key) ?? [])
      const now = performance.now()
      const due = Math.max(...shares.map((share) => share.dueAt(now)))
      if (due <= now) {
        const count = Math.min(wanted, ...shares.map((share) => share.room(now)))
        for (const share of shares) share.spend(count, now)
        return count
      }
      for (const share of shares) if (share.dueAt(now) > now) share.noteWait()
      await this.#pause(due - now, signal)
    }
  }

  /** Until then, or until the shares are other ones. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms < PERIOD) await sleep(Math.max(1, ms), undefined, { signal })
    else await Promise.race([this.#renewed.promise, sleep(PERIOD, undefined, { signal })])
  }

  /** False when the database did not answer. */
  #renew(): Promise<boolean> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#renewing ??= this.#exchange()
      .then(() => true)
      .catch((error: unknown) => {
        this.#options.onError(error)
        return false
      })
      .finally(() => {
        this.#renewing = null
        this.#renewed.resolve()
        this.#renewed = Promise.withResolvers<void>()
        const isIdle = this.#members.size === 0 && this.#shares.size === 0
        if (this.#closed || isIdle) return
        this.#timer = setTimeout(() => this.#renew(), this.#rest())
      })
    return this.#renewing
  }

  #rest(): number {
    const shares = [...this.#shares.values()]
    if (shares.some((share) => share.isStarved) || this.#isShortOfHosts()) return STARVED
    const isLimited = shares.some((share) => share.isLimited) || [...this.#members].some((m) => m.perHost !== null)
    return isLimited ? PERIOD : UNLIMITED
  }

  #isShortOfHosts(): boolean {
    return [...this.#members].some(({ perHost, hostShare }) => perHost !== null && hostShare.granted === 0)
  }

  async #exchange(): Promise<void> {
    await this.#giveBack()
    const { db, workerId } = this.#options
    const members = [...this.#members]
    const before = performance.now()
    const gated = new Map(members.map((member) => [member, this.isGated(member.scanId)]))
    const wishes = Array.from(this.#shares, ([key, share]) => ({ key, demand: share.takeDemand(before) }))
    const [rates, hosts] = await Promise.all([
      renewRates(db, workerId, wishes),
      members.length === 0 ? null : this.#hosts.renew(members),
    ])
    const now = performance.now()
    // Counted from before we asked: the database counts from later.
    for (const [key, rate] of rates) this.#shares.get(key)?.set(rate, now, before + SHARE_LEASE)
    for (const member of members) {
      const { share = null, most = null } = hosts?.get(member.shardId) ?? {}
      const changed = (most === null) !== (member.perHost === null) || gated.get(member) !== this.isGated(member.scanId)
      member.perHost = most
      member.hostShare.grant(share ?? 0)
      if (changed) member.onChange()
    }
    this.#watchHosts(members, before)
  }

  /** A share of an address that was not renewed in time is no share any more. */
  #watchHosts(members: readonly Member[], renewedAt: number): void {
    if (this.#lapse !== null) clearTimeout(this.#lapse)
    this.#lapse = setTimeout(
      () => {
        for (const { hostShare } of members) hostShare.grant(0)
      },
      Math.max(1, renewedAt + SHARE_LEASE - performance.now()),
    ).unref()
  }
  #lapse: NodeJS.Timeout | null = null

  async #giveBack(): Promise<void> {
    const needed = new Set([...this.#members].flatMap(({ scanId }) => this.#keysOf(scanId)))
    const now = performance.now()
    const unused = [...this.#shares].filter(([key, { usedAt }]) => !needed.has(key) && now - usedAt > LINGER)
    if (unused.length === 0) return
    const keys = unused.map(([key]) => key)
    for (const key of keys) this.#shares.delete(key)
    const { db, workerId } = this.#options
    await db.query('DELETE FROM rate_shares WHERE holder = $1 AND key = ANY ($2)', [workerId, keys])
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#lapse !== null) clearTimeout(this.#lapse)
    await this.#renewing
    const { db, workerId, onError } = this.#options
    await db.query('DELETE FROM rate_shares WHERE holder = $1', [workerId]).catch(onError)
  }
}
