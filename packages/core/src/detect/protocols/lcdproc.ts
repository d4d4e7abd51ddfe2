/**
 * LCDproc's LCDd (protocol 0.3, lcdproc developer's guide):
 *
 *   request  => "hello" LF
 *   response => "connect LCDproc " version " protocol " version " lcd wid " ... LF
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const lcdproc: Protocol = {
  name: 'lcdproc',
  transport: 'tcp',
  ports: [13666],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const found = /^connect LCDproc (\S{1,40}) protocol (\S{1,20}) /.exec(firstLine(bytes))
  if (found === null) return null
  const version = found[1] ?? null
  return service('lcdproc', {
    product: 'LCDproc',
    vendor: 'LCDproc',
    version,
    info: `protocol ${found[2]}`,
    cpe: [cpe('a', 'lcdproc', 'lcdproc', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('hello\n'))
  return recognise(await session.readUntil((soFar) => soFar.at(-1) === 10))
}
