import type { CommandSpec } from '../command-spec.ts'
import { knowledgeOptions } from '../knowledge-options.ts'
import { fromNmap } from '../scan/nmap-spellings.ts'

const WHAT = 'What to scan:'
const HOW = 'How:'
const OUTPUT = 'Output:'

export const SCAN: CommandSpec = {
  name: 'scan',
  arguments: '[target...]',
  summary: 'scan from this machine, no server needed',
  description:
    'Finds open ports and names the service, product and version behind each.\n\n' +
    'A target is an address, a block (10.0.0.0/24), a range (10.0.0.1-50), octet ranges (10.0.0-3.1-254) or a host name, ' +
    'IPv4 or IPv6. Ports are written as for nmap: 22,80,1-1024, T:22,U:53, - for all, top:100, names, !25. ' +
    'The spellings nmap users type by habit (-sS -sU -sV -Pn -oX -T4 --top-ports ...) are understood.\n\n' +
    'ndjson, csv and masscan tell of each endpoint as it is found; table, json, xml and gnmap come at the end, in order.',
  options: [
    { flags: '-p, --ports <spec>', description: 'ports to ask (default: top:1000, with --udp top:100)', group: WHAT },
    { flags: '--exclude-ports <spec>', description: 'ports to leave out', group: WHAT },
    { flags: '--exclude <target>', description: 'targets to leave out', repeatable: true, group: WHAT },
    { flags: '--exclude-file <file>', description: 'file of targets to leave out', repeatable: true, group: WHAT },
    {
      flags: '-i, --targets-file <file>',
      description: 'file of targets, - for standard input',
      repeatable: true,
      group: WHAT,
    },
    { flags: '--udp', description: 'ports without T: or U: are UDP ports', group: WHAT },
    { flags: '--tcp', description: 'with --udp: ports without T: or U: are both', group: WHAT },
    { flags: '-4, --ipv4', description: 'use only the IPv4 addresses of names', group: WHAT },
    { flags: '-6, --ipv6', description: 'use only the IPv6 addresses of names', group: WHAT },
    { flags: '--list', description: 'print the addresses instead of scanning', group: WHAT },
    { flags: '--dry-run', description: 'print what would be done, send nothing', group: WHAT },
    {
      flags: '--engine <name>',
      description: 'how TCP ports are asked; syn sends raw packets',
      choices: ['auto', 'syn', 'connect'],
      group: HOW,
      env: 'PORTOLAN_ENGINE',
    },
    {
      flags: '--rate <n>',
      description: 'probes per second in all, or max',
      values: ['max'],
      group: HOW,
      env: 'PORTOLAN_RATE',
    },
    {
      flags: '--per-host-rate <n>',
      description: 'probes per second to one address, or max',
      values: ['max'],
      group: HOW,
      env: 'PORTOLAN_PER_HOST_RATE',
    },
    { flags: '--retries <n>', description: 'repeats of a silent probe (default: as the loss demands)', group: HOW },
    { flags: '--timeout <ms>', description: 'longest wait for one answer', group: HOW },
    { flags: '--no-services', description: 'do not ask open ports what they run', group: HOW },
    {
      flags: '--services <mode>',
      description: 'how far to ask',
      choices: ['light', 'default', 'all'],
      group: HOW,
    },
    ...knowledgeOptions(HOW),
    { flags: '--seed <n>', description: 'order of the probes; the same seed, the same order', group: HOW },
    { flags: '--source-address <address>', description: 'send from this address', group: HOW },
    { flags: '--interface <name>', description: 'send through this interface', group: HOW },
    {
      flags: '--server <url>',
      description: 'let a service do it; login is the one of portolan login',
      group: HOW,
      env: 'PORTOLAN_SERVER',
    },
    {
      flags: '--from <vantage>',
      description: 'with --server: from where in the network',
      repeatable: true,
      group: HOW,
    },
    { flags: '--resume <file>', description: 'keep the state of the scan in a file, and go on from it', group: HOW },
    {
      flags: '--format <name>',
      description: 'what to print',
      choices: ['table', 'ndjson', 'json', 'xml', 'gnmap', 'csv', 'masscan'],
      group: OUTPUT,
    },
    {
      flags: '-o, --output <file>',
      description: 'write to a file too, in the format of its ending or xml:FILE',
      repeatable: true,
      group: OUTPUT,
    },
    { flags: '--open', description: 'list open ports only', group: OUTPUT },
    { flags: '--all', description: 'list every port, whatever its state', group: OUTPUT },
    { flags: '--stats <file>', description: 'write the numbers of the scan as JSON', group: OUTPUT },
    { flags: '--plain', description: 'no colour, nothing drawn over: for screen readers and logs', group: OUTPUT },
    {
      flags: '-v, --verbose',
      description: 'say why each port has its state, and how the scan was done',
      group: OUTPUT,
    },
    { flags: '-q, --quiet', description: 'say nothing but the results', group: OUTPUT },
  ],
  examples: [
    { command: 'portolan scan 127.0.0.1', note: 'the 1,000 commonest TCP ports' },
    { command: 'portolan scan 127.0.0.1 -p - --format ndjson', note: 'all ports, one JSON line an endpoint' },
    {
      command: 'portolan scan localhost -p 22,80,8000-8100,!8080 -o found.xml',
      note: 'some ports of a name, kept as nmap XML',
    },
    { command: 'portolan scan 127.0.0.0/28 -p ssh,http* --open --rate 1000', note: 'by name, gently' },
    { command: 'portolan scan 127.0.0.1 --udp -p top:20 --no-services', note: 'UDP' },
    { command: 'portolan scan -sS -sV -p1-100 -T4 -oX found.xml 127.0.0.1', note: 'as nmap users type it' },
    { command: 'portolan scan 10.0.0.0/8 -p 443 --dry-run', note: 'what would this be?' },
  ],
  rewrite: fromNmap,
  async run(args, options) {
    if (options.server !== undefined) {
      const [{ scanOnServer }, { serverOf }] = await Promise.all([
        import('../scan/scan-on-server.ts'),
        import('../server/server-of.ts'),
      ])
      const login = await serverOf(options)
      if (login !== null) return scanOnServer(args, options, login)
    }
    const { scanCommand } = await import('../scan/scan-command.ts')
    return scanCommand(args, options)
  },
}
