/** What an error of a socket says about the other side, if anything. */
import type { MishapReason } from './protocol.ts'

/** Errors that say nothing about the other side. */
const LOCAL = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'ENETDOWN'])
const REASONS: Readonly<Record<string, MishapReason>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EACCES: 'unreachable',
}

/** The errno name of a system error, OpenSSL's name of one of TLS (`ERR_SSL_...`), or an empty string. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

export const isLocal = (error: unknown): boolean => LOCAL.has(codeOf(error))

/** An alert after a handshake that we thought complete is TLS 1.3's way to refuse a client without a certificate. */
export const reasonOf = (error: unknown, otherwise: MishapReason): MishapReason =>
  REASONS[codeOf(error)] ?? (codeOf(error).startsWith('ERR_SSL') ? 'tls-failed' : otherwise)
