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
    const known = cache.get(key) ?? { name, version, cpe: id === null ? [] : [nameOf(id, version)] }
    if (cache.size < 1000) cache.set(key, known)
    return known
  }
  return null
}

/** Of Windows the dictionary makes every release a product: `windows_xp`, `windows_server_2012` of version r2. */
function nameOf([vendor, product]: readonly [string, string], version: string | null): string {
  if (vendor !== 'microsoft' || version === null || !product.startsWith('windows'))
    return cpe('o', vendor, product, version)
  const [, year, r2] = /^(20(?!00)\d\d)(?: (R2))?$/.exec(version) ?? []
  return year === undefined ? cpe('o', vendor, `windows_${version}`) : cpe('o', vendor, `windows_server_${year}`, r2)
}
