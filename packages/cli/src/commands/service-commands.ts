/** The commands that ask a service; what each of them does is loaded when it is run. */
import type { CommandSpec } from '../command-spec.ts'
import { KEYS, SCOPES, TAGS, WORKERS } from './admin-commands.ts'
import { LIMIT, SERVICE } from './service-options.ts'

export const SEARCH: CommandSpec = {
  name: 'search',
  arguments: '[query...]',
  summary: 'ask a service what is, or was, open',
  description:
    'Words are all needed: port:22 service:ssh product:openssh version:<9.6 net:10.0.0.0/8 state:open seen:<7d changed:>1d ' +
    'vantage:office tls.expires:<30d; OR, NOT (or -), parentheses and * do what they do elsewhere. Quote it for your shell.',
  options: [
    { flags: '--at <moment>', description: 'as it was then, such as 2026-11-01T00:00:00Z' },
    { flags: '--sort <order>', description: 'in which order', choices: ['ip', 'port', 'changed'] },
    LIMIT,
    { flags: '--exit-code', description: 'end with 1 when nothing is found' },
    ...SERVICE,
  ],
  examples: [
    { command: "portolan search 'service:ssh version:<9.6'", note: 'old SSH servers' },
    {
      command: "portolan search 'tls.expires:<30d' --format ndjson",
      note: 'certificates about to expire, for a program',
    },
  ],
  service: true,
  async run(args, options) {
    const { searchCommand } = await import('../service/search.ts')
    return searchCommand(args, options)
  },
}

export const WATCH: CommandSpec = {
  name: 'watch',
  arguments: '[net]',
  summary: 'print what changes, as the scans of a service find it',
  description: 'Every confirmed change, once, until Ctrl-C; with a CIDR block only those in it.',
  options: [
    { flags: '--last <hours>', description: 'begin so many hours ago (default: now)' },
    { flags: '--vantage <name>', description: 'only what is seen from there' },
    { flags: '--unconfirmed', description: 'also what a second look did not bear out' },
    { flags: '--once', description: 'print what there is, and end' },
    { flags: '--interval <s>', description: 'seconds between two looks (default: 5)' },
    ...SERVICE,
  ],
  examples: [{ command: 'portolan watch --last 24 --once', note: 'the changes of the last day' }],
  service: true,
  async run(args, options) {
    const { watchCommand } = await import('../service/watch.ts')
    return watchCommand(args, options)
  },
}

export const SCHEDULE: CommandSpec = {
  name: 'schedule',
  arguments: '[action] [words...]',
  actions: {
    list: '',
    create: 'NAME TARGET...',
    runs: 'NAME',
    run: 'NAME',
    pause: 'NAME',
    resume: 'NAME',
    remove: 'NAME',
  },
  summary: 'scans that recur: create, list, run, pause, resume',
  description:
    'list (as without an action); create NAME TARGET... --every 6h or --cron "30 2 * * *" --zone Europe/Berlin; runs NAME ' +
    'tells what became of each run, and why one was skipped; run NAME starts one now; pause, resume and remove NAME do ' +
    'what they say. An id is as good as a name.',
  options: [
    { flags: '--every <time>', description: 'with create: 30m, 6h, 1d' },
    { flags: '--cron <expression>', description: 'with create: minute, hour, day of month, month, day of week' },
    { flags: '--zone <name>', description: 'with create: whose clock the expression means (default: UTC)' },
    { flags: '-p, --ports <spec>', description: 'with create: which ports' },
    { flags: '--exclude <spec>', description: 'with create: which addresses not', repeatable: true },
    { flags: '--rate <n>', description: 'with create: probes a second' },
    LIMIT,
    ...SERVICE,
  ],
  examples: [
    {
      command: 'portolan schedule create nightly 127.0.0.1 --cron "30 2 * * *" --zone Europe/Berlin',
      note: 'every night',
    },
    { command: 'portolan schedule', note: 'what runs when?' },
  ],
  service: true,
  async run(args, options) {
    const { scheduleCommand } = await import('../service/schedules.ts')
    return scheduleCommand(args, options)
  },
}

export const FINDINGS: CommandSpec = {
  name: 'findings',
  arguments: '[action] [words...]',
  actions: {
    list: '',
    show: 'ID',
    acknowledge: 'ID REASON',
    snooze: 'ID UNTIL REASON',
    resolve: 'ID REASON',
    assign: 'ID ASSIGNEE',
    comment: 'ID TEXT',
  },
  summary: 'what leaves the policies, and what was decided about it',
  description:
    'list (as without an action); show ID; acknowledge ID REASON; snooze ID UNTIL REASON, UNTIL being 7d, 12h or a date; ' +
    'resolve ID REASON; assign ID SOMEBODY, or - for nobody; comment ID TEXT.',
  options: [
    {
      flags: '--status <name>',
      description: 'open (default), acknowledged, snoozed or resolved',
      values: ['open', 'acknowledged', 'snoozed', 'resolved'],
      repeatable: true,
    },
    {
      flags: '--severity <name>',
      description: 'info, low, medium, high or critical',
      values: ['info', 'low', 'medium', 'high', 'critical'],
      repeatable: true,
    },
    LIMIT,
    { flags: '--exit-code', description: 'end with 3 when there is one' },
    ...SERVICE,
  ],
  examples: [
    { command: 'portolan findings', note: 'what is open and should not be?' },
    { command: 'portolan findings --severity high --severity critical --exit-code', note: 'as a gate of a pipeline' },
  ],
  service: true,
  async run(args, options) {
    const { findingsCommand } = await import('../service/findings.ts')
    return findingsCommand(args, options)
  },
}

export const POLICY: CommandSpec = {
  name: 'policy',
  arguments: '[action] [words...]',
  actions: {
    list: '',
    show: 'NAME',
    draft: 'SOURCE [FILE]',
    test: 'FILE',
    apply: 'NAME FILE',
    remove: 'NAME',
    schema: '',
  },
  summary: 'what may be reachable: list, show, draft, test, apply, remove, schema',
  description:
    'draft default|baseline|ufw|iptables|nft [FILE] prints a policy as YAML: what we ship, what is open now, or what a ' +
    'firewall lets in. test FILE holds it against what the service remembers, or with --results against what a scan wrote ' +
    'into a file, no service needed, and ends with 3 when it is violated. apply NAME FILE stores it. - is standard input. ' +
    'schema prints the JSON Schema of the file, for editors; it needs no service.',
  options: [
    { flags: '--at <moment>', description: 'with test: against what was open then' },
    {
      flags: '--results <file>',
      description: 'with test and draft baseline: what nmap, masscan or portolan scan wrote',
    },
    { flags: '--vantage <name>', description: 'with --results: where the scanner stood (default: default)' },
    { flags: '--target <spec>', description: 'with draft: the addresses a firewall protects', repeatable: true },
    LIMIT,
    ...SERVICE,
  ],
  examples: [
    { command: 'portolan policy draft baseline > policy.yaml', note: 'begin with what is open now' },
    { command: 'portolan policy test policy.yaml', note: 'does reality agree? 3 when it does not' },
    {
      command: 'portolan policy test policy.yaml --results monday.xml',
      note: 'the same for a file, no service needed',
    },
    { command: 'portolan policy schema > policy.schema.json', note: 'for the editor' },
    { command: 'portolan policy apply perimeter policy.yaml', note: 'from now on every scan is held against it' },
  ],
  service: true,
  async run(args, options) {
    const { policyCommand } = await import('../service/policy.ts')
    return policyCommand(args, options)
  },
}

export const EXPOSURE: CommandSpec = {
  name: 'exposure',
  arguments: '[address...]',
  summary: 'what listens, who reaches it, and what the policies say',
  description:
    'Holds what a host has reported (portolan listeners --report) against what each vantage of the service sees. Unless ' +
    'named, the addresses of this machine. Ends with 3 when a policy has something against one of them.',
  options: SERVICE,
  examples: [{ command: 'portolan exposure 127.0.0.1', note: 'which of my ports can be reached, and from where?' }],
  service: true,
  async run(args, options) {
    const { exposureCommand } = await import('../service/exposure.ts')
    return exposureCommand(args, options)
  },
}

export const EXPORT: CommandSpec = {
  name: 'export',
  arguments: '<scan>',
  summary: 'the results of a scan of the service, in any format',
  description: 'The scan is the id that portolan scan --server says at its end, or latest.',
  options: [
    { flags: '-o, --output <file>', description: 'into a file' },
    {
      flags: '--format <name>',
      description: 'ndjson unless said',
      choices: ['ndjson', 'json', 'csv', 'xml', 'gnmap', 'masscan'],
    },
    ...SERVICE.slice(0, 1),
  ],
  examples: [
    { command: 'portolan export $SCAN --format csv -o found.csv && cat found.csv', note: 'for a spreadsheet' },
    { command: 'portolan export latest --format xml', note: 'of the scan that was asked for last' },
  ],
  service: true,
  async run(args, options) {
    const { exportCommand } = await import('../service/files.ts')
    return exportCommand(args, options)
  },
}

export const IMPORT: CommandSpec = {
  name: 'import',
  arguments: '<file>',
  summary: 'past results of nmap, masscan or Portolan into the history',
  description: 'nmap XML, masscan JSON and lists, NDJSON; - is standard input. The same file twice changes nothing.',
  options: [{ flags: '--vantage <name>', description: 'where the scanner stood' }, ...SERVICE],
  examples: [{ command: 'portolan import monday.xml', note: 'nmap found it, Portolan remembers it' }],
  service: true,
  async run(args, options) {
    const { importCommand } = await import('../service/files.ts')
    return importCommand(args, options)
  },
}

export const SERVICE_COMMANDS: readonly CommandSpec[] = [
  SEARCH,
  WATCH,
  SCHEDULE,
  FINDINGS,
  POLICY,
  TAGS,
  EXPOSURE,
  EXPORT,
  IMPORT,
  SCOPES,
  KEYS,
  WORKERS,
]
