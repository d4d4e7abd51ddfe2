import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // For two cores: much of the time the tests wait, for leases, time-outs and packets; more would disturb each other.
    maxWorkers: 3,
    reporters: ['default'],
  },
})
