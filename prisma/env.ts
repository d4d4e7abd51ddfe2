/** The one place of this workspace that looks at the environment. */
export const databaseUrl = process.env.DATABASE_URL

/**
 * For running the Prisma CLI, which would download an engine before it does anything. Commands that only read the
 * schema never start it, so any existing file will do. Never for `prisma migrate`: with it that does nothing, quietly.
 */
export const withoutEngine = {
  ...process.env,
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
}
