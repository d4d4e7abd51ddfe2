/**
 * masscan's results. JSON (`-oJ`) is an array with an object a line, which old versions end with a dangling comma and
 * a record that is not JSON, so each line is read on its own; list (`-oL`) has five words a line:
 *
 *   {"ip": "192.0.2.1", "timestamp": "1700000000", "ports": [{"port": 80, "proto": "tcp", "status": "open", ...}]},
 *   open tcp 80 192.0.2.1 1700000000
 *   banner tcp 80 192.0.2.1 1700000000 http nginx
 */
import type { Chunks, Imported } from './imported.ts'
import { type Line, LineSplitter } from './line-splitter.ts'
import { parseJson } from './read-ndjson.ts'
import { type Fields, isFields, readEndpoint } from './untrusted-record.ts'

const LINE_CAP = 256 * 1024
/** Port entries in one object; masscan writes one. */
const PORTS_CAP = 1024

export async function* readMasscan(chunks: Chunks): AsyncGenerator<Imported> {
  const splitter = new LineSplitter(LINE_CAP)
  yield { kind: 'run', scanner: 'masscan', version: null, startedAt: null, scanned: null }
  const state = { ended: false, json: false }
  for await (const chunk of chunks) for (const line of splitter.push(chunk)) yield* events(line, state)
  for (const line of splitter.end()) yield* events(line, state)
  yield { kind: 'end', finishedAt: null, complete: state.ended }
}

function* events({ number, text }: Line, state: { ended: boolean; json: boolean }): Generator<Imported> {
  const skip = (problem: string): Imported => ({ kind: 'skipped', line: number, problem })
  if (text === null) return yield skip(`longer than ${LINE_CAP} characters`)
  const line = text.trim().replace(/^\[/, '').replace(/^,/, '')
  const closes = text.trim() === ']' || text.trim() === '# end' || /^\{\s*finished/.test(line)
  if (closes) state.ended = true
  if (closes || /^[,\]]*$/.test(line) || line.startsWith('#')) return
  if (!line.startsWith('{')) return yield* listLine(line, skip)
  const value = parseJson(line.replace(/,?\s*\]?$/, ''))
  if (!isFields(value) || !Array.isArray(value.ports)) return yield skip('not a masscan record')
  if (text.trim().endsWith(']')) state.ended = true
  for (const entry of value.ports.slice(0, PORTS_CAP)) {
    if (!isFields(entry)) yield skip('the port entry is not an object')
    else yield* record({ ip: value.ip, timestamp: value.timestamp, ...entry }, skip)
  }
}

function* listLine(line: string, skip: (problem: string) => Imported): Generator<Imported> {
  const [status, proto, port, ip, timestamp, name, ...banner] = line.split(/\s+/)
  if (status === 'banner')
    return yield* record(
      { ip, port: Number(port), proto, timestamp, service: { name, banner: banner.join(' ') } },
      skip,
    )
  yield* record({ ip, port: Number(port), proto, timestamp, status }, skip)
}

function* record(fields: Fields, skip: (problem: string) => Imported): Generator<Imported> {
  const { ip, port, proto: transport, status = 'open', reason = '', timestamp, service } = fields
  const found = isFields(service)
    ? { name: service.name, info: service.banner, method: 'probed', confidence: 0.5 }
    : null
  const endpoint = readEndpoint({ ip, port, transport, state: status, reason, service: found })
  if (typeof endpoint === 'string') return yield skip(endpoint)
  const seconds = Number(timestamp)
  yield { kind: 'endpoint', endpoint, seenAt: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null }
}
