import type { CommandSpec } from '../command-spec.ts'

export const EXPLAIN: CommandSpec = {
  name: 'explain',
  arguments: '<port...>',
  summary: 'what a port is for, what it risks, and who uses it here',
  description: 'A port is written 22, 53/udp or as a service name. Says for TCP and UDP apart what IANA registered.',
  options: [
    { flags: '--here', description: 'only say what is using the port on this machine' },
    { flags: '--format <name>', description: 'what to print', choices: ['text', 'json'] },
    { flags: '--plain', description: 'no colour' },
  ],
  examples: [
    { command: 'portolan explain 3389', note: 'should this be open?' },
    { command: 'portolan explain 53/udp ssh', note: 'several, by transport and by name' },
    { command: 'portolan explain 8080 --here', note: 'what is using it on this machine?' },
  ],
  // `:8080` as addresses end, `-p 8080` as scanners are asked.
  rewrite: (args) => args.flatMap((arg) => (arg === '-p' ? [] : [arg.replace(/^(-p|:)(?=\d)/, '')])),
  async run(args, options) {
    const { explainCommand } = await import('../explain/explain-command.ts')
    return explainCommand(args, options)
  },
}
