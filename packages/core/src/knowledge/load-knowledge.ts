/** Fingerprints the user brings, beside the built-in ones: nmap-service-probes files and Recog folders. None is shipped. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Protocol } from '#core/detect/protocol.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { protocolsOf } from './probe-protocols.ts'
import { readRecog } from './recog.ts'
import { recogProtocols } from './recog-protocols.ts'
import { readServiceProbes } from './service-probes.ts'

/** Where the user's own fingerprints are. */
export type KnowledgeFiles = { readonly probes: readonly string[]; readonly recog: readonly string[] }

/** A file or folder of the user's that cannot be read, or holds nothing that can be used. */
export class KnowledgeUnreadable extends Error {
  override readonly name = 'KnowledgeUnreadable'
}

export type Knowledge = {
  /** The built-in protocols and the user's. */
  readonly protocols: readonly Protocol[]
  /** A line a source: how much of it is used, and what is not. */
  readonly notes: readonly string[]
}

/** Throws KnowledgeUnreadable. */
export async function loadKnowledge({ probes, recog }: KnowledgeFiles): Promise<Knowledge> {
  const sources = [...(await Promise.all(probes.map(loadProbes))), ...(await Promise.all(recog.map(loadRecog)))]
  return {
    protocols: [...PROTOCOLS, ...sources.flatMap(({ protocols }) => protocols)],
    notes: sources.flatMap(({ notes }) => notes),
  }
}

async function loadProbes(file: string): Promise<Knowledge> {
  // Byte patterns: Latin-1 keeps each byte a character.
  const read = readServiceProbes(await readFile(file, 'latin1').catch((error: Error) => refuse(file, error)))
  if (read.matches === 0) throw new KnowledgeUnreadable(`${file} has no probe or match line in it`)
  return { protocols: protocolsOf(read), notes: [note(file, read.matches, read.skipped)] }
}

async function loadRecog(folder: string): Promise<Knowledge> {
  const names = await readdir(folder).catch((error: Error) => refuse(folder, error))
  const files = names.filter((name) => name.endsWith('.xml')).map((name) => path.join(folder, name))
  if (files.length === 0) throw new KnowledgeUnreadable(`${folder} has no .xml files in it`)
  const databases = await Promise.all(
    files.map(async (file) => {
      try {
        return readRecog(await readFile(file, 'utf8'))
      } catch (error) {
        return refuse(file, error)
      }
    }),
  )
  const used = databases.reduce((sum, { fingerprints }) => sum + fingerprints.length, 0)
  const { protocols, unused } = recogProtocols(databases)
  const notes = [
    note(
      folder,
      used,
      databases.flatMap(({ skipped }) => skipped),
    ),
  ]
  if (unused.length > 0)
    notes.push(`${folder}: databases about texts that no answer holds are left out: ${unused.join(', ')}`)
  return { protocols, notes }
}

function note(source: string, used: number, skipped: readonly { readonly why: string }[]): string {
  const reasons = Object.entries(Object.groupBy(skipped, ({ why }) => why))
    .map(([why, all = []]) => `${all.length} for ${why}`)
    .join(', ')
  return `${source}: ${used} patterns are used${reasons ? `, ${skipped.length} are not (${reasons})` : ''}`
}

function refuse(file: string, error: unknown): never {
  throw new KnowledgeUnreadable(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
}
