/** Requests at a steady rate, whether the answers come or not: what a user waits when the service is not full. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SteadyRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Steady {
  /** Answered a second; the rate asked for, when the service keeps up. */
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly errors: number
}

/** Enough that a request never waits for a connection at the rates asked here. */
const CONNECTIONS = 64

/**
 * Each latency counts from the moment its request was due, so that one slow answer does not hide those it would have held
 * up ("coordinated omission"). Lateness of this process counts as well: the figures are an upper bound.
 */
export async function steady(what: SteadyRequest, rate: number, seconds: number): Promise<Steady> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const latencies: number[] = []
  let errors = 0
  const pending: Promise<void>[] = []
  const started = performance.now()
  for (let sent = 0; sent < rate * seconds; await sleep(1))
    for (; sent < rate * seconds && started + (sent * 1_000) / rate <= performance.now(); sent++) {
      const due = started + (sent * 1_000) / rate
      const answered = ask(what, agent).then((ok) => {
        if (ok) latencies.push(performance.now() - due)
        else errors++
      })
      pending.push(answered)
    }
  await Promise.all(pending)
  const elapsed = (performance.now() - started) / 1_000
  agent.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => Number((latencies[Math.floor(latencies.length * share)] ?? Number.NaN).toFixed(2))
  return { perSecond: Math.round(latencies.length / elapsed), p50: at(0.5), p99: at(0.99), errors }
}

/** Whether the answer was a success. */
function ask({ url, method, headers, body }: SteadyRequest, agent: Agent): Promise<boolean> {
  const length = body === undefined ? {} : { 'Content-Length': String(body.length) }
  return new Promise((resolve) => {
    const going = request(url, { method, agent, headers: { ...headers, ...length } }, (response) => {
      response.resume().once('end', () => resolve((response.statusCode ?? 500) < 300))
    })
    going.once('error', () => resolve(false)).end(body)
  })
}
