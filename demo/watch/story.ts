/** What happens, and what has to be told of it: no more, no less. */

import { HOST, type Servers } from './servers.ts'
import type { Service } from './service.ts'

export type Act = {
  readonly what: string
  run(): Promise<unknown> | unknown
  /** `type port`; those of one port in this order. */
  readonly events: readonly string[]
}

/** The website may be what it is; SSH has to be of this decade, the certificate valid, and everything else shut. */
export function policyFor({ ssh, https }: Servers['ports']) {
  const rules = [
    { id: 'ssh', effect: 'allow' as const, ports: String(ssh), expect: { services: ['ssh'], minVersion: '9.0' } },
    { id: 'website', effect: 'allow' as const, ports: String(https), expect: { certificateDays: 7 } },
  ]
  return { otherwise: 'forbid' as const, severity: 'high' as const, rules }
}

export const scanOf = ({ ssh, https, telnet }: Servers['ports']) => ({
  targets: [HOST],
  ports: [ssh, https, telnet].join(),
  services: 'light' as const,
})

export function storyOf(servers: Servers, service: Service): readonly Act[] {
  const { ssh, https, telnet } = servers.ports
  return [
    {
      what: 'The first look. Nothing has changed yet, but two things are not as the policy wants them.',
      run() {},
      events: [`finding.opened ${ssh}`, `finding.opened ${https}`],
    },
    {
      what: `Somebody starts telnet on port ${telnet}.`,
      run: () => servers.openTelnet(),
      events: [`change.opened ${telnet}`, `finding.opened ${telnet}`],
    },
    {
      what: `OpenSSH on port ${ssh} is upgraded from 8.4p1 to 9.9p1.`,
      run: () => servers.upgradeSsh(),
      events: [`change.version-changed ${ssh}`, `finding.resolved ${ssh}`],
    },
    {
      what: `The website on port ${https} gets a new certificate, and meanwhile the service is hurt:`,
      async run() {
        servers.renewCertificate()
        console.log(`          the worker, process ${service.killWorker()}, is killed`)
        if (service.queue !== 'Redis') return
        await service.wipeQueue()
        console.log('          the queue, Redis, loses everything')
      },
      events: [`change.certificate-changed ${https}`, `finding.resolved ${https}`],
    },
    {
      what: `Telnet is stopped.`,
      run: () => servers.closeTelnet(),
      events: [`change.closed ${telnet}`, `finding.resolved ${telnet}`],
    },
  ]
}
