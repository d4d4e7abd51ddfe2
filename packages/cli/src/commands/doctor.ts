import type { CommandSpec } from '../command-spec.ts'

export const DOCTOR: CommandSpec = {
  name: 'doctor',
  unconfigured: true,
  summary: 'what a scan or a service needs and does not find here',
  description:
    'Looks at Node, privileges, limits, routes, name servers and the clock of this machine; at the database and the ' +
    'queue when DATABASE_URL and QUEUE_URL name them, and at the service portolan login knows: whether it answers, and ' +
    'whether workers stand where scans are asked for; at the file with defaults for options. Each trouble comes with its ' +
    'fix. Ends with 1 when something is broken.',
  options: [
    { flags: '--format <name>', description: 'what to print', choices: ['text', 'json'] },
    { flags: '--plain', description: 'no colour' },
  ],
  examples: [{ command: 'portolan doctor', note: 'why are my scans slow?' }],
  async run(_, options) {
    const { doctorCommand } = await import('../doctor/doctor-command.ts')
    // A connection that is still being tried must not keep the answer from ending.
    process.exit(await doctorCommand(options))
  },
}
