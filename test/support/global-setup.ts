import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import type { openServices, Services } from './services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    services: string
  }
}

/** Loads with Node itself: Vitest's loader, which this file comes through, has no import.meta.resolve. */
const native = createRequire(import.meta.url)

let services: Services | undefined

/** Where the processes that tests start keep compiled code: it takes a third off their start. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/portolan-tests', import.meta.url))

export async function setup(project: TestProject): Promise<void> {
  process.env.NODE_COMPILE_CACHE ??= COMPILED
  native('../../prisma/tools/generate.ts')
  buildDashboard()
  // because `require` has no type
  const open = native('./services.ts').openServices as typeof openServices
  services = await open()
  project.provide('services', services.socket)
}

export async function teardown(): Promise<void> {
  await services?.stop()
}

/** Once for all: a build takes away the files of the one before, which a page in another test may be loading. */
function buildDashboard(): void {
  // What a test framework calls its environment would make a development build of it.
  const env = { ...process.env, NODE_ENV: 'production' }
  const built = spawnSync('npm', ['run', '-s', 'dashboard'], { encoding: 'utf8', env })
  if (built.status !== 0) throw new Error(`the dashboard does not build: ${built.stderr}`)
}
