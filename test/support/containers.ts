/**
 * PostgreSQL and Redis in containers, where a container engine answers and has, or can pull, the images. Elsewhere the
 * embedded PostgreSQL and a local redis-server serve the same tests.
 */
import { once } from 'node:events'
import { request } from 'node:http'

export interface Container {
  readonly url: string
  stop(): Promise<void>
}

const DEFAULT_SOCKET = '/var/run/docker.sock'

/** Asks the engine for a sign of life, for a second at most. */
export async function engineAnswers(): Promise<boolean> {
  const host = process.env.DOCKER_HOST
  if (host !== undefined && !host.startsWith('unix://')) return host !== ''
  const asked = request({ socketPath: host?.slice('unix://'.length) ?? DEFAULT_SOCKET, path: '/_ping', timeout: 1000 })
  asked.on('timeout', () => asked.destroy()).end()
  try {
    const [answer] = await once(asked, 'response')
    answer.resume()
    return answer.statusCode === 200
  } catch {
    return false
  }
}

/** Long enough for an image to be pulled over a slow line, short enough for a run without one. */
const STARTUP = 120_000

export async function containedPostgres(settings: readonly string[]): Promise<Container> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const container = await new GenericContainer('postgres:17-alpine')
    .withEnvironment({ POSTGRES_USER: 'portolan', POSTGRES_PASSWORD: 'portolan', POSTGRES_DB: 'portolan' })
    .withCommand(['postgres', ...settings.flatMap((setting) => ['-c', setting])])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(STARTUP)
    .start()
  const url = `postgres://portolan:portolan@${container.getHost()}:${container.getMappedPort(5432)}/portolan`
  return { url, stop: async () => void (await container.stop()) }
}

export async function containedRedis(): Promise<Container> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const container = await new GenericContainer('redis:7.4-alpine')
    .withCommand(['redis-server', '--save', '', '--databases', '4096'])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(STARTUP)
    .start()
  const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`
  return { url, stop: async () => void (await container.stop()) }
}

/** A container, or the local service where no engine answers; where one answers and cannot, it says why. */
export async function containedOr<T>(contained: () => Promise<T>, local: () => Promise<T>): Promise<T> {
  if (!(await engineAnswers())) return local()
  try {
    return await contained()
  } catch (error) {
    console.warn(`The container engine could not start a service (${String(error)}); using a local one instead.`)
    return local()
  }
}
