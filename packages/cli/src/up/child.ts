import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NODE_FLAGS } from '../processes/node-flags.ts'
import { childEnv } from './env.ts'

export type ChildOptions = {
  readonly name: 'api' | 'worker'
  /** URL of the program, as import.meta.resolve gives it. */
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** What it writes goes here; the file of the time before stays as `.1`. */
  readonly logFile: string
  readonly say: (line: string) => void
  /** Asked until it says yes; unset: the process sends a message when it is ready. */
  readonly isReady?: () => Promise<boolean>
}

export interface Child {
  /** Resolves when the process is ready for the first time; rejects when it ends before. */
  readonly ready: Promise<void>
  /** Asks it to end and waits; ends it the hard way when it does not listen. */
  stop(): Promise<void>
}

const TETHER = import.meta.resolve('#cli/up/tether.ts')
/** Milliseconds a process may take to stop. */
const STOP_TIME = 6_000
/** Milliseconds between two questions whether it is ready. */
const ASK_EVERY = 25
/** Milliseconds between restarts of a process that keeps ending. */
const SHORTEST_PAUSE = 500
const LONGEST_PAUSE = 30_000
const ROTATE_AT = 10 * 2 ** 20

/**
 * A process that is started again when it ends by itself. Processes rather than threads: a crash in native code, or a
 * scan that eats all of a processor, takes neither the API nor the results with it.
 */
export function startChild(options: ChildOptions): Child {
  rotate(options.logFile)
  let current = launch(options)
  let stopping = false
  let pause = SHORTEST_PAUSE
  const watch = async () => {
    for (;;) {
      const [code, signal] = await once(current, 'exit')
      if (stopping) return
      options.say(`the ${options.name} ended (${signal ?? code}) and is started again; its log is ${options.logFile}`)
      await sleep(pause)
      if (stopping) return
      pause = Math.min(pause * 2, LONGEST_PAUSE)
      current = launch(options)
    }
  }
  const ready = Promise.race([
    readiness(current, options).then(() => void watch()),
    once(current, 'exit').then(([code, signal]) => {
      throw new Error(`the ${options.name} does not start (${signal ?? code}); its log is ${options.logFile}`)
    }),
  ])
  return {
    ready,
    async stop() {
      stopping = true
      if (current.exitCode !== null || current.signalCode !== null) return
      const ended = once(current, 'exit')
      current.kill('SIGTERM')
      const timer = setTimeout(() => current.kill('SIGKILL'), STOP_TIME)
      await ended
      clearTimeout(timer)
    },
  }
}

async function readiness(child: ChildProcess, { isReady }: ChildOptions): Promise<void> {
  if (isReady === undefined) return void (await once(child, 'message'))
  while (child.exitCode === null && child.signalCode === null && !(await isReady())) await sleep(ASK_EVERY)
}

function launch({ program, env, logFile }: ChildOptions): ChildProcess {
  const log = openSync(logFile, 'a', 0o600)
  const child = fork(fileURLToPath(program), {
    env: childEnv(env),
    execArgv: [...NODE_FLAGS, '--import', TETHER],
    stdio: ['ignore', log, log, 'ipc'],
    // A Ctrl-C in the terminal is for us to pass on, in our order.
    detached: true,
  })
  closeSync(log)
  return child
}

function rotate(logFile: string): void {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_AT) renameSync(logFile, `${logFile}.1`)
}
