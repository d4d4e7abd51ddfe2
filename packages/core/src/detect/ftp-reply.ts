/**
 * What an FTP server says after its greeting (RFC 959 section 5.4, RFC 2389 section 3):
 *
 *   SYST => "215" SP system      FEAT => "211-" text CRLF *(SP feature CRLF) "211 End"
 *   HELP => "214" text           USER => "331" text | "230" text
 */
import { createMatcher, type Known } from './fingerprint.ts'
import { FTP_REPLIES } from './fingerprints/ftp-replies.data.ts'
import { operatingSystem } from './operating-system.ts'
import type { Reply } from './reply-lines.ts'

const match = createMatcher(FTP_REPLIES)

const FEATURE =
  /^(?:MDTM|REST(?: STREAM)?|SIZE|UTF8|MLS[TD]\b.*|EPSV|EPRT|PASV|AUTH\b.*|PBSZ|PROT|TVFS|MFMT|CCC|LANG\b.*|HOST|CLNT)$/i
const COMMANDS = /\b(?:RETR|STOR|CWD|PASV|LIST)\b/i
/** SYST names a system of the Assigned Numbers; NNTP answers a list of groups under the same code. */
const SYSTEM =
  /^(?:UNIX|Windows|VMS|OpenVMS|MVS|OS\/400|VM|MACOS|NETWARE|VxWorks|Nucleus|DOS|OS\/2|TOPS20|XDS)\b|Type: ?[LI]8|operating system of this server/i
const LOGIN = /password|user name okay|log(?:ged|in)|anonymous/i

/** The program, by the words of its authors, or else the system it runs on. */
export function ftpAuthorOf({ code, text }: Reply): Known {
  const all = `${code} ${text.join(' ')}`
  const os = code === 215 ? operatingSystem(all) : null
  return match(all) ?? (os === null ? {} : { os: os.name, cpe: os.cpe })
}

/** How sure it is that only an FTP server says this, 0 to 1. */
export function ftpReplyWeight({ code, text }: Reply): number {
  const all = text.join(' ')
  if (code === 215) return SYSTEM.test(text[0] ?? '') ? 0.95 : 0
  if (code === 211) return text.some((line) => FEATURE.test(line.trim())) ? 0.95 : 0
  if (code === 214) return COMMANDS.test(all) && !/\bRCPT\b/.test(all) ? 0.95 : 0
  if (code === 331 || code === 332) return 0.9
  if (code === 230) return LOGIN.test(all) ? 0.8 : 0
  if (code === 221 || code === 500 || code === 502)
    return /command not understood|good ?bye|control connection/i.test(all) ? 0.55 : 0
  return 0
}
