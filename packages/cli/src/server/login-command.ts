import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { createClient } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { flagOption } from '../read-options.ts'
import { readServerEnv } from './env.ts'
import { writeLogin } from './login-file.ts'
import { serverUrl } from './server-url.ts'

const USUAL = 'http://127.0.0.1:7070'

export async function loginCommand([given]: readonly string[], options: Options): Promise<number> {
  const { server: known, key: ready, loginFile } = readServerEnv()
  if (flagOption(options, 'forget')) {
    await rm(loginFile, { force: true })
    process.stdout.write('no login is kept\n')
    return EXIT.done
  }
  const server = serverUrl(given ?? known ?? USUAL)
  const key = ready ?? (await askKey(server))
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw new UsageError('give the key on standard input or in PORTOLAN_KEY')
  await createClient({ url: server, key }).GET('/v1/scans', { params: { query: { limit: 1 } } })
  await writeLogin(loginFile, { server, key })
  process.stdout.write(`the key is valid, and kept with the URL in ${loginFile}\n`)
  return EXIT.done
}

/** The first line of standard input. On a terminal nothing of it is shown. */
async function askKey(server: string): Promise<string> {
  const terminal = process.stdin.isTTY
  if (terminal) process.stderr.write(`Key for ${server}: `)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal })
  lines.on('SIGINT', () => process.exit(EXIT.interrupted))
  try {
    for await (const line of lines) return line.trim()
    return ''
  } finally {
    lines.close()
    if (terminal) process.stderr.write('\n')
  }
}
