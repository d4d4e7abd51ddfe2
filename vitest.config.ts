import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What becomes true at once on an idle machine takes its time on a busy one.
    expect: { poll: { timeout: 20_000 } },
    // For two cores: much of the time the tests wait, for leases, time-outs and packets; more would disturb each other.
    maxWorkers: 3,
    reporters: ['default'],
  },
})
