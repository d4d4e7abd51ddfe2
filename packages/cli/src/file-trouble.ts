const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'you may not',
  EPERM: 'you may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
}

/** There is no such file, nor a folder it could be in. */
export const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^E(NOENT|NOTDIR)$/.test(String(error.code))

/** Why a file cannot be read or written, without the system's codes and calls. */
export function fileTrouble(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  return WORDS[code] ?? error.message
}
