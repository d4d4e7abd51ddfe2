/** The scanners compared: how each is called for a job, and how its output is read. */
import path from 'node:path'
import type { Site } from './site.ts'

export interface Job {
  readonly targets: string
  readonly ports: string
}

export interface Tool {
  readonly name: string
  command(site: Site, job: Job): readonly string[]
  /** Open ports as `address port`. */
  read(output: string, job: Job): ReadonlySet<string>
}

const LAUNCHER = path.join(import.meta.dirname, '../../packages/cli/bin/portolan.js')

const lines = (output: string, pattern: RegExp, read: (match: RegExpMatchArray) => string) =>
  new Set([...output.matchAll(pattern)].map(read))

/** The command as a user starts it, for the port scan alone. */
export function ours(engine: 'syn' | 'connect' | 'udp', ...options: readonly string[]): Tool {
  return {
    name: ['portolan', engine, ...options].join(' '),
    command: (_, { targets, ports }) => {
      const how = engine === 'udp' ? ['--udp'] : ['--engine', engine]
      return [
        LAUNCHER,
        'scan',
        targets,
        '-p',
        ports,
        ...how,
        '--no-services',
        '--open',
        '--format',
        'ndjson',
        ...options,
      ]
    },
    read: (output) =>
      lines(output, /"ip":"([^"]+)","port":(\d+),.*?"state":"open"/g, ([, host, port]) => `${host} ${port}`),
  }
}

/** No name resolution, no ping: the port scan alone, as the others do it. */
export function nmap(...options: readonly string[]): Tool {
  return {
    name: ['nmap', ...options].join(' '),
    // A range is a.b.c.d-e to nmap.
    command: (_, { targets, ports }) => {
      const range = targets.replace(/^(\d+\.\d+\.\d+\.)(\d+)-\1(\d+)$/, '$1$2-$3')
      return ['nmap', '-n', '-Pn', ...options, '-p', ports, '-oG', '-', range]
    },
    read: (output) => {
      const found = new Set<string>()
      for (const [, host, list = ''] of output.matchAll(/^Host: (\S+) .*?Ports: (.*)$/gm))
        for (const [, port] of list.matchAll(/(\d+)\/open\//g)) found.add(`${host} ${port}`)
      return found
    },
  }
}

export function masscan(rate: number): Tool {
  return {
    name: `masscan --rate ${rate}`,
    command: ({ device, router }, { targets, ports }) => {
      const where = ['-e', device, '--router-mac', router]
      return ['masscan', targets, '-p', ports, '--rate', `${rate}`, '--wait', '3', ...where, '-oL', '-']
    },
    read: (output) => lines(output, /^open tcp (\d+) (\S+)/gm, ([, port, host]) => `${host} ${port}`),
  }
}

export function zmap(rate: number): Tool {
  return {
    name: `zmap -r ${rate} --cooldown-time=1`,
    command: ({ device, router }, { targets, ports }) => {
      const where = ['-i', device, '-G', router, '-b', '/dev/null']
      return ['zmap', '-p', ports, '-r', `${rate}`, '--cooldown-time=1', '-q', ...where, '-o', '-', targets]
    },
    read: (output, { ports }) => lines(output, /^([\d.]+)$/gm, ([, host]) => `${host} ${ports}`),
  }
}
