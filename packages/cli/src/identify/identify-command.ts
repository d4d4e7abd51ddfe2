/** `portolan identify`: what detection knows, applied to bytes from anywhere. Nothing is sent. */
import { once } from 'node:events'
import type { Service } from '@portolan/core/detect/protocol.ts'
import { PROTOCOLS } from '@portolan/core/detect/protocols.ts'
import { recogniseAll } from '@portolan/core/detect/recognise.ts'
import { LineSplitter } from '@portolan/core/format/line-splitter.ts'
import { isFields } from '@portolan/core/format/untrusted-record.ts'
import { EXIT } from '../exit.ts'

/** 1 MiB of captured bytes in base64, and the rest of the line. */
const LINE_CAP = 1_500_000

const BY_TRANSPORT = {
  tcp: PROTOCOLS.filter(({ transport }) => transport === 'tcp'),
  udp: PROTOCOLS.filter(({ transport }) => transport === 'udp'),
}

export async function identifyCommand(): Promise<number> {
  const splitter = new LineSplitter(LINE_CAP)
  let code: number = EXIT.done
  const answer = async (lines: ReturnType<LineSplitter['push']>) => {
    let text = ''
    for (const { number, text: line } of lines) {
      if (line?.trim() === '') continue
      const out = line === null ? `longer than ${LINE_CAP} characters` : identifyLine(line)
      if (out.startsWith('{')) text += `${out}\n`
      else {
        process.stderr.write(`portolan: line ${number}: ${out}\n`)
        code = EXIT.failed
      }
    }
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  }
  for await (const chunk of process.stdin) await answer(splitter.push(chunk))
  await answer(splitter.end())
  return code
}

/** The answer as a line of JSON, or what is wrong with the question. */
export function identifyLine(line: string): string {
  const question = parsed(line)
  if (!isFields(question)) return 'not a JSON object'
  const { id = null, transport = 'tcp', data } = question
  if (transport !== 'tcp' && transport !== 'udp') return 'transport is neither "tcp" nor "udp"'
  if (typeof data !== 'string') return 'data is not base64 text'
  const found = recogniseAll(Buffer.from(data, 'base64'), BY_TRANSPORT[transport])[0]?.service
  return JSON.stringify({ id, ...answerOf(found) })
}

function answerOf(found: Service | undefined) {
  if (!found) return { service: null, product: null, version: null, vendor: null, info: null, os: null, cpe: [] }
  const { name: service, product, version, vendor, info, os, cpe } = found
  return { service, product, version, vendor, info, os, cpe }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
