import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import { discard } from '../http/body.ts'
import { Problem } from '../http/problem.ts'

export interface ReceivedFile extends AsyncDisposable {
  readonly path: string
  readonly bytes: number
  readonly sha256: Buffer
}

/** Milliseconds without a byte after which the sender is given up. */
const IDLE = 30_000

/**
 * Puts a body on disk first: a slow sender then holds no transaction, and its hash tells whether it has been here
 * before. Throws `body-too-large`, `request-timeout` or `bad-request`.
 */
export async function receiveFile(request: IncomingMessage, response: Response, limit: number): Promise<ReceivedFile> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-import-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const file = path.join(folder, 'body')
  const hash = createHash('sha256')
  const slow = new Problem('request-timeout', `no byte came for ${IDLE / 1000} s`)
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      timer.refresh()
      hash.update(chunk)
      if (bytes > limit) done(new Problem('body-too-large', `a file may have at most ${limit} bytes`))
      else done(null, chunk)
    },
  })
  const timer = setTimeout(() => measure.destroy(slow), IDLE)
  const brokenOff = () => request.complete || measure.destroy(new Error('the connection broke'))
  // Piped by hand: a pipeline that fails would destroy the request, and with it the way back for the answer.
  request.once('close', brokenOff).pipe(measure)
  try {
    await pipeline(measure, createWriteStream(file, { mode: 0o600 }))
    return { path: file, bytes, sha256: hash.digest(), [Symbol.asyncDispose]: remove }
  } catch (cause) {
    request.unpipe(measure)
    await Promise.all([remove(), discard(request, response)])
    if (cause instanceof Problem) throw cause
    throw new Problem('bad-request', 'the body ended early', { cause })
  } finally {
    request.off('close', brokenOff)
    clearTimeout(timer)
  }
}
