/** `portolan identify`: what detection knows, applied to bytes from anywhere. Nothing is sent. */
import { once } from 'node:events'
import { createIdentify, type Identify, identify } from '@portolan/core/detect/identify.ts'
import type { Service } from '@portolan/core/detect/protocol.ts'
import { PROTOCOLS } from '@portolan/core/detect/protocols.ts'
import { LineSplitter } from '@portolan/core/format/line-splitter.ts'
import { isFields } from '@portolan/core/format/untrusted-record.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { knowledgeFiles, knowledgeFrom } from '../knowledge-options.ts'

/** 1 MiB of captured bytes in base64, and the rest of the line. */
const LINE_CAP = 1_500_000
/** Both alphabets of RFC 4648, padded or not, in lines or not. Node would leave out whatever else it meets. */
const BASE64 = /^[\w+/=\s-]*$/
const BUILT_IN = { protocols: PROTOCOLS, notes: [] }

export async function identifyCommand(options: Options): Promise<number> {
  const files = knowledgeFiles(options)
  const { protocols, notes } = files ? await knowledgeFrom(files) : BUILT_IN
  for (const note of notes) process.stderr.write(`portolan: ${note}\n`)
  const known = createIdentify(protocols)
  const splitter = new LineSplitter(LINE_CAP)
  let code: number = EXIT.done
  const answer = async (lines: ReturnType<LineSplitter['push']>) => {
    let text = ''
    for (const { number, text: line } of lines) {
      if (line?.trim() === '') continue
      const out = line === null ? `longer than ${LINE_CAP} characters` : identifyLine(line, known)
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
export function identifyLine(line: string, known: Identify = identify): string {
  const question = parsed(line)
  if (!isFields(question)) return 'not a JSON object'
  const { id = null, transport = 'tcp', port, data } = question
  if (transport !== 'tcp' && transport !== 'udp') return 'transport is neither "tcp" nor "udp"'
  const told = port ?? undefined
  if (told !== undefined && !isPort(told)) return 'port is not a number from 0 to 65535'
  if (typeof data !== 'string' || !BASE64.test(data)) return 'data is not base64 text'
  const found = known({ transport, ...(told === undefined ? {} : { port: told }), data: Buffer.from(data, 'base64') })
  return JSON.stringify({ id, ...answerOf(found) })
}

const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535

function answerOf(found: Service | null) {
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
