/**
 * SSH transport, identification exchange (RFC 4253 section 4.2):
 *
 *   greeting => *(text CRLF) "SSH-" protoversion "-" softwareversion [SP comments] CR LF      (at most 255 characters)
 *
 * Lines before the identification are allowed and do not begin with "SSH-". Old servers end with a bare LF.
 */
import { createMatcher, type Known, withVersionFrom } from '../fingerprint.ts'
import { SSH_FINGERPRINTS } from '../fingerprints/ssh.data.ts'
import { isNobody } from '../nobody.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine, lines, startsWith } from '../text.ts'

export const ssh: Protocol = { name: 'ssh', transport: 'tcp', ports: [22, 2222, 830], opens: 'server', recognise }

/** Lines a server may say before its identification; more is no SSH server. */
const PREAMBLE_CAP = 20

/** What OpenSSH says to strangers, and to those it will not have now. */
const REFUSAL = /^(?:Protocol mismatch\.|Exceeded MaxStartups|Not allowed at this time)$/

const match = createMatcher(SSH_FINGERPRINTS)

function recognise(bytes: Uint8Array): Service | null {
  if (REFUSAL.test(firstLine(bytes))) return service('ssh', { product: 'OpenSSH', vendor: 'OpenBSD', confidence: 0.9 })
  if (!startsWith(bytes, 'SSH-') && Buffer.from(bytes.subarray(0, 4096)).indexOf('\nSSH-') < 0) return null
  const line = lines(bytes, PREAMBLE_CAP).find((l) => l.startsWith('SSH-')) ?? ''
  const [, protocol, software] = /^SSH-(\d{1,2}\.\d{1,3})-(.*)$/.exec(line) ?? []
  if (protocol === undefined || software === undefined) return null
  const text = clean(software)
  return service('ssh', { info: `protocol ${protocol}`, ...describe(text), facts: { protocol, software: text } })
}

/** `Name_1.2`, `Some Name-v1.2 comment`, then a name alone, up to what separates it from a comment. */
const NAMED =
  /^((?=\d?[A-Za-z])\w[\w .+*!:-]{0,60}?)(?:[ _/-]+|(?<=[A-Za-z])\.)(?:\(?[vV]ersion )?[vV]?(\d\w*(?:\.\w+)*)(?=$|[ _)+?!,;-])/
/** `Name1.2.3` */
const GLUED = /^([A-Za-z][A-Za-z_-]{1,40})(\d+\.\d+(?:\.\w+)*)$/
const NAME_ALONE = /^([A-Za-z][\w.+*:-]*(?: [A-Z][\w.+-]*){0,3})/
/** `1.2 library: ` in front of the server made with it */
const LIBRARY = /^\d[\d.]*[ _]\w{2,20}: (?=[A-Za-z])/
/** `1.2 Name` */
const NUMBERED = /^(\d+(?:\.\w+)+)[ _-]+([A-Za-z][\w .-]*)/

/** The table first, then the grammars of everybody not in it. */
function describe(text: string): Known {
  const found = match(text)
  if (found !== null) return withVersionFrom(text, found)
  const subject = text.replace(LIBRARY, '')
  const named = NAMED.exec(subject) ?? GLUED.exec(subject) ?? NAME_ALONE.exec(subject)
  const numbered = NUMBERED.exec(subject)
  const [product, version] = numbered ? [numbered[2], numbered[1]] : [named?.[1], named?.[2]]
  const os = operatingSystem(text)
  const name = isNobody(product?.trim() ?? '') ? null : product?.trim()
  return { product: name ?? null, version: name ? (version ?? null) : null, os: os?.name ?? null, cpe: os?.cpe ?? [] }
}
