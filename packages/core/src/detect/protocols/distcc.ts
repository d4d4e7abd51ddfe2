/**
 * distcc (https://github.com/distcc/distcc, doc/protocol-1.txt):
 *
 *   token    = name(4 letters) value(8 hexadecimal digits)
 *   request  => "DIST" version, "ARGC" n, ("ARGV" length text)*, "DOTI" length text
 *   response => "DONE" version, "STAT" status, "SERR" length text, "SOUT" length text, "DOTO" length bytes
 *
 * What is asked for is no compiler, so nothing runs. Servers of version 3.3 and later hang up on anything outside their
 * list of compilers without a word; they give themselves away by waiting for the rest of a right token, but not of a
 * wrong one.
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { service } from '../service.ts'

const hex = (value: number) => value.toString(16).padStart(8, '0')
const argument = (text: string) => `ARGV${hex(text.length)}${text}`
const COMMAND = ['portolan', '-c', 'p.c', '-o', 'p.o']
const REQUEST = `DIST${hex(1)}ARGC${hex(COMMAND.length)}${COMMAND.map(argument).join('')}DOTI${hex(0)}`
/** The same request cut short twice, one letter of the second wrong; a server that reads it hangs up on that alone. */
const CUT = `DIST${hex(1)}ARGC${hex(2)}ARGV${hex(64)}portolan`
const WRONG = CUT.replace('ARGV', 'ARGU')

export const distcc: Protocol = {
  name: 'distcc',
  transport: 'tcp',
  ports: [3632],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const found = /^DONE0000000([123])STAT[0-9a-f]{8}/.exec(latin1(bytes.subarray(0, 32)))
  return found && describe(`protocol ${found[1]}`, 1)
}

async function identify(session: Session): Promise<Service | null> {
  const answer = await ending(session, REQUEST, 24)
  if (answer instanceof Uint8Array) return recognise(answer)
  if (answer === 'timeout') return null
  return (await tellsApart(session)) ? describe(null, 0.8) : null
}

/** Once may be chance: a busy server that hangs up on everything may take its time over one. */
const HANG_UPS = 3
/** Silence is plain when it has lasted so many times longer than any hang-up. */
const PLAINLY = 3

async function tellsApart(session: Session): Promise<boolean> {
  const timed = async (request: string) => {
    await session.reopen()
    const started = performance.now()
    return { end: await ending(session, request, 1), took: performance.now() - started }
  }
  let slowest = 0
  for (let i = 0; i < HANG_UPS; i++) {
    const { end, took } = await timed(WRONG)
    if (end === 'timeout') return false
    slowest = Math.max(slowest, took)
  }
  const cut = await timed(CUT)
  return cut.end === 'timeout' && cut.took > PLAINLY * slowest
}

function describe(info: string | null, confidence: number): Service {
  return service('distccd', {
    product: 'distcc',
    vendor: 'Samba',
    info,
    confidence,
    cpe: [cpe('a', 'samba', 'distcc')],
  })
}

/** What came of the request: bytes, or how the connection ended without any; silence is 'timeout'. */
async function ending(session: Session, request: string, atLeast: number): Promise<Uint8Array | string> {
  try {
    await session.write(Buffer.from(request))
    return await session.read(atLeast)
  } catch (error) {
    if (error instanceof Mishap) return error.received.length > 0 ? error.received : error.reason
    throw error
  }
}
