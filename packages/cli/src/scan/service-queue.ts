/** Asks open ports what they run while the scan goes on: some hundreds at once, the rest waits in line. */

import type { Detector } from '@portolan/core/detect/detect.ts'
import type { Detection } from '@portolan/core/detect/protocol.ts'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'

const AT_ONCE = 512
/** The scan pauses when this many wait. */
const LINE_CAP = 20_000
/** A host with more open ports than this is not a host with that many services; asking them all would take hours. */
const PER_HOST_CAP = 500

export class ServiceQueue {
  readonly #load: () => Promise<Detector>
  #detector: Promise<Detector> | null = null
  readonly #signal: AbortSignal
  readonly #found: (open: EndpointRecord, detection: Detection | null) => void
  readonly #line: EndpointRecord[] = []
  readonly #asked = new Map<string, number>()
  #busy = 0
  #waiters: { readonly room: number; readonly resolve: () => void }[] = []

  /** `load` is called when there is somebody to ask: detection knows a hundred protocols, and most scans start without. */
  constructor(
    load: () => Promise<Detector>,
    signal: AbortSignal,
    found: (open: EndpointRecord, detection: Detection | null) => void,
  ) {
    this.#load = load
    this.#signal = signal
    this.#found = found
  }

  /** Endpoints not yet told about. */
  get pending(): number {
    return this.#line.length + this.#busy
  }

  push(open: EndpointRecord): void {
    const asked = (this.#asked.get(open.ip) ?? 0) + 1
    this.#asked.set(open.ip, asked)
    if (this.#signal.aborted || asked > PER_HOST_CAP) this.#found(open, null)
    else {
      this.#line.push(open)
      this.#start()
    }
  }

  /** Resolves when the line is short enough to go on scanning. */
  async room(): Promise<void> {
    await this.#until(LINE_CAP)
  }

  /** Resolves when everything has been told. */
  async drained(): Promise<void> {
    await this.#until(1)
  }

  async #until(room: number): Promise<void> {
    if (this.pending >= room) await new Promise<void>((resolve) => this.#waiters.push({ room, resolve }))
  }

  #start(): void {
    while (this.#busy < AT_ONCE && this.#line.length > 0) {
      const open = this.#line.shift()
      if (open) void this.#ask(open)
    }
  }

  async #ask(open: EndpointRecord): Promise<void> {
    this.#busy++
    try {
      this.#found(open, await this.#detect(open))
    } finally {
      this.#busy--
      this.#start()
      const [free, still] = [
        this.#waiters.filter((w) => this.pending < w.room),
        this.#waiters.filter((w) => this.pending >= w.room),
      ]
      this.#waiters = still
      for (const { resolve } of free) resolve()
    }
  }

  /** Null when the scan was interrupted, or this machine has no socket left for the question. */
  async #detect({ ip, port, transport, hostname = null }: EndpointRecord): Promise<Detection | null> {
    if (this.#signal.aborted) return null
    this.#detector ??= this.#load()
    const detector = await this.#detector
    try {
      const target = { address: ip, port, transport, hostname }
      const detection = await detector.detect(target, this.#signal)
      return this.#signal.aborted && detection.status !== 'identified' ? null : detection
    } catch {
      return null
    }
  }
}
