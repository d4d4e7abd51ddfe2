/** The operating system a banner mentions in passing: `(Debian)`, `Ubuntu-4ubuntu0.5`, `.el7`, `Win32`. */
import { cpe } from './cpe.ts'
import { OPERATING_SYSTEM_WORDS } from './operating-systems.data.ts'

export interface OperatingSystem {
  /** `Debian`, `Windows`, `IOS`: without version. */
  readonly name: string
  readonly version: string | null
  /** Empty for families (`Unix`). */
  readonly cpe: readonly string[]
}

const cache = new Map<string, OperatingSystem>()

/** What the text says about the operating system, null when nothing. */
export function operatingSystem(text: string): OperatingSystem | null {
  for (const { word, name, cpe: id } of OPERATING_SYSTEM_WORDS) {
    const found = word.exec(text)
    if (found === null) continue
    const version = found[1] ?? found[2] ?? null
    const key = `${name} ${version}`
    const known = cache.get(key) ?? { name, version, cpe: id === null ? [] : [cpe('o', ...id, version)] }
    if (cache.size < 1000) cache.set(key, known)
    return known
  }
  return null
}
