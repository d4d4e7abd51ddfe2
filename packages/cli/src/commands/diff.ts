import type { CommandSpec } from '../command-spec.ts'

export const DIFF: CommandSpec = {
  name: 'diff',
  arguments: '<before> <after>',
  summary: 'what changed between two result files, those of nmap and masscan too',
  description:
    "Reads NDJSON, nmap XML (Portolan's too) and masscan's JSON and lists; - is standard input. A port that one of the " +
    'scans did not look at is not comparable, neither opened nor closed: nmap XML says which ports were asked and which ' +
    'hosts answered, the others list what they found and nothing more. Names taken from a port table are not compared.',
  options: [
    {
      flags: '--targets <spec>',
      description: 'addresses both scans asked, where the files do not say',
      repeatable: true,
    },
    { flags: '-p, --ports <spec>', description: 'ports both scans asked, where the files do not say' },
    { flags: '--strict', description: 'do not take files that say nothing to have asked the same' },
    { flags: '--exit-code', description: 'end with 1 when something changed' },
    { flags: '--format <name>', description: 'what to print', choices: ['text', 'json', 'ndjson'] },
    { flags: '--plain', description: 'no colour' },
    { flags: '-q, --quiet', description: 'no notes about what was assumed' },
  ],
  examples: [
    { command: 'portolan diff monday.xml tuesday.xml', note: 'what changed?' },
    {
      command: 'portolan scan 127.0.0.1 -q --format xml | portolan diff monday.xml -',
      note: 'against what is there now',
    },
  ],
  async run(args, options) {
    const { diffCommand } = await import('../diff/diff-command.ts')
    return diffCommand(args, options)
  },
}
