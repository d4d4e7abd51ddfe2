/** The connect engine: complete handshakes by ordinary sockets. Any user, any system, any link. */
import { readFileSync } from 'node:fs'
import { EpollProber } from './connect-epoll.ts'
import { NodeProber } from './connect-node.ts'
import { type Engine, LocalTrouble, type ScanTask } from './engine.ts'
import { hasLibc, openLibc } from './libc.ts'
import type { HealthLimits } from './local-health.ts'
import { TIMEOUT_LIMITS } from './pace/rtt.ts'
import type { Prober } from './prober.ts'
import { bePrompt } from './promptness.ts'
import { originOf } from './scan-origin.ts'
import { runScan } from './scan-run.ts'
import { Schedule } from './schedule.ts'

/** Most positions between the checkpoint and the furthest probe. */
const WINDOW = 1 << 18
/** Sockets at once; more carry no more (16,384 waiting 1 s each are 16,000 probes a second into silence). */
const MOST_SOCKETS = 16_384
const NODE_SOCKETS = 1000
/** Descriptors left to the rest of the process. */
const SPARE = 256
const RLIMIT_NOFILE = 7
/** The kernel repeats a SYN after one second; ours are given up before that. */
const KERNEL_REPEATS = 980

export interface ConnectOptions {
  /** `epoll`: Linux system calls; `node`: `node:net`, any system. Unset: the first where there is one. */
  readonly variant?: 'epoll' | 'node'
  /** Most sockets at once; unset: what the machine has to give. */
  readonly sockets?: number
  readonly healthLimits?: HealthLimits
  /**
   * Waits for the whole of the task's timeout, and lets the kernel repeat: for a few probes whose reason counts more than
   * time, since a router takes three seconds to say that a host does not answer it (RFC 4861 section 10).
   */
  readonly patient?: boolean
  /** Milliseconds, monotonic. */
  readonly clock?: () => number
}

export function createConnectEngine(options: ConnectOptions = {}): Engine {
  const { clock = () => performance.now(), healthLimits, patient = false } = options
  return {
    name: 'connect',
    async *scan(task, signal) {
      const schedule = new Schedule({
        task,
        now: clock(),
        window: WINDOW,
        silence: 'filtered',
        waits: patient ? { floors: [task.timeout ?? TIMEOUT_LIMITS.max] } : { repeatsAfter: KERNEL_REPEATS },
      })
      const prober = createProber(task, options)
      const parts = {
        task,
        schedule,
        prober,
        silence: 'filtered',
        clock,
        ...(healthLimits && { healthLimits }),
      } as const
      const relax = bePrompt(task)
      try {
        yield* runScan(parts, signal)
      } finally {
        relax()
      }
    },
  }
}

function createProber(task: ScanTask, options: ConnectOptions): Prober {
  const { variant = hasLibc ? 'epoll' : 'node', sockets } = options
  const origin = originOf(task, task.space.plan.addresses)
  const slots = Math.min(WINDOW, 2 ** Math.ceil(Math.log2(Math.max(2, task.to - task.from))))
  if (variant === 'node') {
    if (origin.interface !== null)
      throw new LocalTrouble(
        'NO_INTERFACE_CHOICE',
        'only Linux lets a connection choose its interface; name a source address of that interface instead',
      )
    return new NodeProber({ sockets: sockets ?? NODE_SOCKETS, origin })
  }
  return new EpollProber({ sockets: sockets ?? affordableSockets(), slots, origin })
}

/** What descriptors and ephemeral ports allow, leaving some of both to others. */
function affordableSockets(): number {
  const libc = openLibc()
  const limit = new BigUint64Array(2)
  libc.getrlimit(RLIMIT_NOFILE, new Uint8Array(limit.buffer))
  const files = Number(limit[0] ?? 1024n) - SPARE
  return Math.max(16, Math.min(MOST_SOCKETS, files, Math.floor(ephemeralPorts() / 2)))
}

function ephemeralPorts(): number {
  try {
    const [low = 32_768, high = 60_999] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .trim()
      .split(/\s+/)
      .map(Number)
    return high - low + 1
  } catch {
    return 28_000
  }
}
