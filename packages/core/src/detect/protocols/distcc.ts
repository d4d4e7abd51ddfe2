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
  await session.reopen()
  if ((await ending(session, WRONG, 1)) === 'timeout') return null
  await session.reopen()
  return (await ending(session, CUT, 1)) === 'timeout' ? describe(null, 0.9) : null
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
