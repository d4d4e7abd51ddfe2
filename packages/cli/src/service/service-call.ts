/** What the commands about a service have in common: where it is, what is asked of it, how the answer is printed. */
import { type ApiClient, createClient } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { serverOf } from '../server/server-of.ts'
import { suggestion } from '../suggestion.ts'
import { createOutput, type Output } from './output.ts'

export type ServiceCall = {
  readonly client: ApiClient
  readonly url: string
  /** What is to be done; empty where the command does one thing. */
  readonly action: string
  /** Behind the action. */
  readonly args: readonly string[]
  readonly options: Options
  readonly output: Output
}

/** Resolves with the exit code. */
export type Action = (call: ServiceCall) => Promise<number>

/** Throws UsageError when there is no service to ask. */
export async function callOf(args: readonly string[], options: Options, action = ''): Promise<ServiceCall> {
  const login = await serverOf({ ...options, server: options.server || 'login' })
  if (login === null) throw new UsageError('this asks a service: portolan login URL, or --server URL')
  const { server: url, key } = login
  return { client: createClient({ url, key }), url, action, args, options, output: createOutput(options) }
}

/** The first word says what to do; none is the first of the actions. */
export async function act(
  actions: Readonly<Record<string, Action>>,
  [name = Object.keys(actions)[0] ?? '', ...args]: readonly string[],
  options: Options,
): Promise<number> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action === undefined) {
    const known = Object.keys(actions)
    const none = `is none of ${known.join(', ')}`
    throw new UsageError(`${JSON.stringify(name)} ${none}${suggestion(name, known)}`)
  }
  return action(await callOf(args, options, name))
}

/** Arguments by name; complains about the first one missing, or one too many. */
export function argumentsOf<N extends string>(
  { action, args }: ServiceCall,
  ...names: readonly N[]
): Record<N, string> {
  const missing = names[args.length]
  const usage = [action, ...names.map((name) => name.toUpperCase())].filter(Boolean).join(' ')
  if (missing !== undefined) throw new UsageError(`say the ${missing}, as in: ${usage}`)
  if (args.length > names.length)
    throw new UsageError(`${JSON.stringify(args[names.length])} is one word too many; quote what has blanks: ${usage}`)
  // because every name has its argument: their numbers have just been compared
  return Object.fromEntries(names.map((name, i) => [name, args[i]])) as Record<N, string>
}
