import type { CommandSpec } from '../command-spec.ts'
import { knowledgeOptions } from '../knowledge-options.ts'

export const IDENTIFY: CommandSpec = {
  name: 'identify',
  summary: 'name services from bytes captured elsewhere',
  description:
    'Reads lines of {"id", "transport", "port"?, "probe"?, "data": base64} from standard input: bytes a service sent, from ' +
    'a packet capture, zgrab or a honeypot. Writes {"id", "service", "product", "version", "vendor", "info", "os", ' +
    '"cpe"} a line; service is null where nobody knows.',
  options: knowledgeOptions('Options:'),
  examples: [
    {
      command: `echo '{"id":1,"transport":"tcp","data":"U1NILTIuMC1PcGVuU1NIXzkuMnAxDQo="}' | portolan identify`,
      note: 'what greets like this?',
    },
  ],
  async run(_, options) {
    const { identifyCommand } = await import('../identify/identify-command.ts')
    return identifyCommand(options)
  },
}
