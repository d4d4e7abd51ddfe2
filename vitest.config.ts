import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: integration tests start PostgreSQL and Redis of their own, more forks only slow each other down.
    maxWorkers: 2,
    reporters: ['default'],
  },
})
