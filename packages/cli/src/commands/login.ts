import type { CommandSpec } from '../command-spec.ts'

export const LOGIN: CommandSpec = {
  name: 'login',
  arguments: '[url]',
  summary: 'keep URL and key of a service, in a file only you may read',
  description:
    'Asks for the key (or reads it from standard input or PORTOLAN_KEY, never from the command line, where others would see ' +
    'it), tries it, and keeps both beside the configuration with mode 0600. The URL is http://127.0.0.1:7070 unless named.',
  options: [{ flags: '--forget', description: 'remove what was kept' }],
  examples: [{ command: 'portolan login --forget', note: 'no key is kept any more' }],
  async run(args, options) {
    const { loginCommand } = await import('../server/login-command.ts')
    return loginCommand(args, options)
  },
}
