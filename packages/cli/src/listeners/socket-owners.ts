/** The processes behind sockets (proc_pid_fd(5)), and the unit or container each runs in (cgroups(7)). */
import { readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { clean } from '@portolan/core/detect/text.ts'
import { addressBehind, containerWith, PROXY } from './published-port.ts'

export type Owner = {
  readonly pid: number
  readonly name: string
  /** systemd's unit, such as `ssh.service`. */
  readonly unit: string | null
  /**
   * It runs in, or publishes a port of. A name where the runtime tells it, else the first twelve digits of the id, as the
   * runtimes print it.
   */
  readonly container: string | null
}

/** By inode. Sees other users' processes only with privileges. */
export async function ownersOf(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Owner[]>> {
  const owners = new Map<string, Owner[]>()
  if (inodes.size === 0) return owners
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  await Promise.all(
    pids.map(async (pid) => {
      const held = await heldSockets(pid, inodes)
      if (held.size === 0) return
      const owner = await describeProcess(pid)
      for (const inode of held) owners.set(inode, [...(owners.get(inode) ?? []), owner])
    }),
  )
  for (const list of owners.values()) list.sort((a, b) => a.pid - b.pid)
  return owners
}

async function heldSockets(pid: string, inodes: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1]
    if (inode !== undefined && inodes.has(inode)) held.add(inode)
  }
  return held
}

async function describeProcess(pid: string): Promise<Owner> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const [comm, cgroup] = await Promise.all([read('comm'), read('cgroup')])
  // Node names its first thread after the thread, not after itself.
  const named = /^(node-)?MainThread$/.test(comm.trim())
    ? path.basename(await readlink(`/proc/${pid}/exe`).catch(() => comm))
    : comm
  const owner = { pid: Number(pid), name: clean(named.trim(), 40), ...parseCgroup(cgroup) }
  return owner.name === PROXY ? withContainer(owner, await read('cmdline')) : owner
}

async function withContainer(proxy: Owner, commandLine: string): Promise<Owner> {
  const address = addressBehind(commandLine)
  const containerOf = async (pid: string) =>
    parseCgroup(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')).container
  const container = address === null ? null : await containerWith(address, containerOf)
  return container === null ? proxy : { ...proxy, unit: null, container }
}

/** Docker, Podman, containerd, CRI-O (with or without systemd), Kubernetes; LXC says names. */
const CONTAINER = /^(?:(?:docker|libpod|cri-containerd|crio|containerd)-)?([0-9a-f]{64})(?:\.scope)?$/
const LXC = /\/lxc(?:\.payload\.|\/)([^/]+)/

/** Lines of `hierarchy:controllers:/path`; version 2 has one, whose hierarchy is 0. */
export function parseCgroup(text: string): Pick<Owner, 'unit' | 'container'> {
  const paths = text.split('\n').map((line) => line.split(':').slice(2).join(':'))
  for (const group of paths) {
    const id = group.split('/').findLast((part) => CONTAINER.test(part))
    const container = id ? (CONTAINER.exec(id)?.[1]?.slice(0, 12) ?? null) : (LXC.exec(group)?.[1] ?? null)
    if (container !== null) return { unit: null, container: clean(container, 64) }
  }
  const unit = paths.flatMap((group) => group.split('/')).findLast((part) => /.\.(service|scope|socket)$/.test(part))
  return { unit: unit === undefined ? null : clean(unit, 64), container: null }
}
