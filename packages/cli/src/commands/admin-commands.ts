/** The commands of whoever runs a service: what it may scan, who may ask it, who scans for it. */
import type { CommandSpec } from '../command-spec.ts'
import { LIMIT, SERVICE } from './service-options.ts'

export const SCOPES: CommandSpec = {
  name: 'scopes',
  arguments: '[action] [words...]',
  actions: { list: '', add: 'CIDR', remove: 'CIDR' },
  summary: 'what a service may scan: list, add, remove',
  description: 'list (as without an action); add CIDR --owner WHO --reason WHY; remove CIDR, or its id.',
  options: [
    { flags: '--owner <who>', description: 'with add: who answers for these addresses' },
    { flags: '--reason <why>', description: 'with add: why they may be scanned' },
    { flags: '--until <date>', description: 'with add: for how long' },
    LIMIT,
    ...SERVICE,
  ],
  examples: [
    { command: 'portolan scopes', note: 'what may it scan?' },
    {
      command: "portolan scopes add 198.51.100.0/24 --owner 'network team' --reason NET-311 --until 2099-12-31",
      note: 'authorise a network',
    },
  ],
  service: true,
  async run(args, options) {
    const { scopesCommand } = await import('../service/scopes.ts')
    return scopesCommand(args, options)
  },
}

export const TAGS: CommandSpec = {
  name: 'tags',
  arguments: '[action] [words...]',
  actions: { list: '', set: 'TAG TARGET...', remove: 'TAG' },
  summary: 'words for addresses, by which policies and searches select: list, set, remove',
  description:
    'list (as without an action); set TAG TARGET... makes a tag or replaces its addresses; remove TAG, unless a policy ' +
    'selects by it.',
  options: [{ flags: '--description <text>', description: 'with set: what it is for' }, LIMIT, ...SERVICE],
  examples: [
    { command: 'portolan tags set dmz 198.51.100.0/24 192.0.2.7', note: 'these are the DMZ' },
    { command: "portolan search 'tag:dmz port:22'", note: 'and what has SSH open there?' },
  ],
  service: true,
  async run(args, options) {
    const { tagsCommand } = await import('../service/tags.ts')
    return tagsCommand(args, options)
  },
}

export const KEYS: CommandSpec = {
  name: 'keys',
  arguments: '[action] [words...]',
  actions: { list: '', create: 'NAME', rotate: 'NAME', revoke: 'NAME' },
  summary: 'API keys of a service: list, create, rotate, revoke',
  description:
    'create NAME --scope SCOPE and rotate NAME print the key, this once and alone; revoke NAME ends one. An id is as good ' +
    'as a name.',
  options: [
    {
      flags: '--scope <name>',
      description: 'with create: read, scan, manage or admin',
      values: ['read', 'scan', 'manage', 'admin'],
      repeatable: true,
    },
    { flags: '--only <cidr>', description: 'with create: the only addresses it may scan', repeatable: true },
    LIMIT,
    ...SERVICE,
  ],
  examples: [
    { command: 'portolan keys', note: 'who has one, and when was it used?' },
    { command: 'portolan keys create pipeline --scope scan --only 10.20.0.0/16', note: 'for a pipeline' },
  ],
  service: true,
  async run(args, options) {
    const { keysCommand } = await import('../service/keys.ts')
    return keysCommand(args, options)
  },
}

export const WORKERS: CommandSpec = {
  name: 'workers',
  summary: 'who scans for a service, and from where',
  options: SERVICE,
  examples: [{ command: 'portolan workers', note: 'is everybody there?' }],
  service: true,
  async run(args, options) {
    const { workersCommand } = await import('../service/workers.ts')
    return workersCommand(args, options)
  },
}
