import { createRequire } from 'node:module'
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

export async function setup(project: TestProject): Promise<void> {
  native('../../prisma/tools/generate.ts')
  // because `require` has no type
  const open = native('./services.ts').openServices as typeof openServices
  services = await open()
  project.provide('services', services.socket)
}

export async function teardown(): Promise<void> {
  await services?.stop()
}
