/**
 * beanstalkd (https://github.com/beanstalkd/beanstalkd/blob/master/doc/protocol.txt):
 *
 *   stats => "OK " bytes CRLF "---" LF YAML, `version: "1.12"` among it
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'
import { upstream } from '../version.ts'

/** A report is about 1 KiB. */
const REPORT_CAP = 8192

export const beanstalkd: Protocol = {
  name: 'beanstalkd',
  transport: 'tcp',
  ports: [11300],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const report = latin1(bytes.subarray(0, REPORT_CAP))
  if (!/^OK \d{1,6}\r\n---\n/.test(report) || !report.includes('\ncurrent-jobs-urgent: ')) return null
  const value = (name: string) => cleanOrNull(report.split(`\n${name}: `)[1]?.split('\n', 1)[0]?.replaceAll('"', ''))
  const text = value('version')
  const version = text && upstream(text)
  const system = /^([A-Za-z]+)/.exec(value('os') ?? '')?.[1] ?? null
  const os = value('platform') && system?.startsWith('#') === false ? 'Linux' : null
  const id = cpe('a', 'beanstalkd_project', 'beanstalkd', version)
  return service('beanstalkd', { product: 'beanstalkd', version, hostname: value('hostname'), os, cpe: [id] })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('stats\r\n'))
  return recognise(await session.readUntil((soFar) => soFar.length > 64 && soFar.at(-1) === 10 && soFar.at(-2) === 13))
}
