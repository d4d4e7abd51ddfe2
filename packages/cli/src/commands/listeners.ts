import type { CommandSpec } from '../command-spec.ts'
import { fromSs } from '../listeners/ss-spellings.ts'

export const LISTENERS: CommandSpec = {
  name: 'listeners',
  arguments: '[port...]',
  summary: 'what listens on this machine, and which process it is',
  description:
    'Reads the listening TCP and the waiting UDP sockets of this machine (Linux), no other tool needed. Flags: wildcard, it ' +
    'listens on every address; shared, another process has the same port; ephemeral, clients are given such ports, so one ' +
    'may take it first.',
  options: [
    { flags: '--tcp', description: 'only TCP' },
    { flags: '--udp', description: 'only UDP' },
    { flags: '--watch', description: 'go on, and print what comes and goes, until Ctrl-C' },
    { flags: '--interval <s>', description: 'with --watch: seconds between two looks (default: 1)' },
    { flags: '--format <name>', description: 'what to print', choices: ['table', 'json', 'ndjson'] },
    { flags: '--report', description: 'tell a service what listens here: see portolan exposure' },
    { flags: '--server <url>', description: 'with --report: the service', env: 'PORTOLAN_SERVER' },
    { flags: '--plain', description: 'no colour' },
  ],
  examples: [
    { command: 'portolan listeners', note: 'what could be reached from outside?' },
    { command: 'portolan listeners 8080 53/udp --format json', note: 'who has these ports?' },
  ],
  rewrite: fromSs,
  async run(args, options) {
    const { listenersCommand } = await import('../listeners/listeners-command.ts')
    return listenersCommand(args, options)
  },
}
