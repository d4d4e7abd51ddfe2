import { fromNc } from '../check/nc-spellings.ts'
import type { CommandSpec } from '../command-spec.ts'

export const CHECK: CommandSpec = {
  name: 'check',
  arguments: '<host> [port]',
  summary: 'is a port reachable, what answers, and if not, why not',
  description:
    'Asks one port of every address of a host, as any client would, and says in words what the answer (or the silence) ' +
    'means and what to try next. A port is written 22, 53/udp or as a service name; HOST:PORT and a URL are understood. Ends with 0 when some address is ' +
    'open, with 1 when none is.',
  options: [
    { flags: '--no-services', description: 'do not ask what runs there' },
    { flags: '--timeout <ms>', description: 'longest wait for the port to answer (default: 4000)' },
    { flags: '-4, --ipv4', description: 'only the IPv4 addresses' },
    { flags: '-6, --ipv6', description: 'only the IPv6 addresses' },
    {
      flags: '--from <vantages>',
      description: 'ask from these vantages of a service, too, and compare',
      repeatable: true,
    },
    { flags: '--server <url>', description: 'with --from: the service', env: 'PORTOLAN_SERVER' },
    { flags: '--format <name>', description: 'what to print', choices: ['text', 'json'] },
    { flags: '--plain', description: 'no colour' },
  ],
  examples: [
    { command: 'portolan check localhost 22', note: 'can I log in here?' },
    { command: 'portolan check 127.0.0.1 53/udp', note: 'does a name server answer?' },
  ],
  rewrite: fromNc,
  async run(args, options) {
    const { checkCommand } = await import('../check/check-command.ts')
    return checkCommand(args, options)
  },
}
