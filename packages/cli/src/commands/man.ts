import type { CommandSpec } from '../command-spec.ts'

export const MAN: CommandSpec = {
  name: 'man',
  unconfigured: true,
  summary: 'print the manual page',
  description: 'portolan man > /usr/local/share/man/man1/portolan.1 keeps it where man finds it.',
  examples: [{ command: 'portolan man', note: 'everything on one page' }],
  async run() {
    const [{ manPage }, { COMMANDS }, { version }] = await Promise.all([
      import('../man-page.ts'),
      import('../commands.ts'),
      import('../version.ts'),
    ])
    process.stdout.write(manPage(COMMANDS, version()))
    return 0
  },
}
