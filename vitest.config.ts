import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: integration tests load PostgreSQL and Redis, more forks only slow each other down.
    maxWorkers: 2,
    reporters: ['default'],
  },
})
