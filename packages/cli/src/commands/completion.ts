import type { CommandSpec } from '../command-spec.ts'

export const COMPLETION: CommandSpec = {
  name: 'completion',
  unconfigured: true,
  arguments: '<shell>',
  actions: { bash: '', zsh: '', fish: '' },
  summary: 'print completion for bash, zsh or fish',
  description:
    'bash: source <(portolan completion bash) in ~/.bashrc. zsh: source <(portolan completion zsh) in ~/.zshrc. ' +
    'fish: portolan completion fish > ~/.config/fish/completions/portolan.fish.',
  examples: [{ command: 'portolan completion bash', note: 'what to source in ~/.bashrc' }],
  async run([shell = '']) {
    const [{ completionScript }, { COMMANDS }] = await Promise.all([
      import('../completion/completion-script.ts'),
      import('../commands.ts'),
    ])
    process.stdout.write(completionScript(shell, COMMANDS))
    return 0
  },
}
