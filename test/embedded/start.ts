/** Starts the embedded PostgreSQL in the directory given, says so in one JSON line, and stops it when told to end. */
import { lockDirectory } from '@portolan/embedded/directory-lock.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'

const directory = process.argv[2] ?? ''
const release = lockDirectory(directory)
const server = await startPostgres(directory, { port: Number(process.argv[3] ?? 0) })
process.once('SIGTERM', async () => {
  await server.stop()
  release()
  process.exit(0)
})
process.stdout.write(`${JSON.stringify({ url: server.url, port: server.port })}\n`)
setInterval(() => {}, 60_000)
