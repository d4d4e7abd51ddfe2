/**
 * The rule for products nobody wrote a fingerprint for: where in a header, a greeting or an identification the name
 * ends and the version begins.
 *
 *   nameAndVersion('Allegro-Software-RomPager/4.34')   Allegro-Software-RomPager, 4.34
 *   nameAndVersion('Jetty(9.4.43.v20210629)')          Jetty, 9.4.43.v20210629
 *   nameAndVersion('Boa v0.94')                        Boa, 0.94
 *   nameAndVersion('Acme Web Server Version 3.1 (x)')  Acme Web Server, 3.1
 *   nameAndVersion('WebServer')                        WebServer, null
 */
import { slashVersion, upstream, versionToken } from './version.ts'

export interface NameAndVersion {
  readonly name: string
  readonly version: string | null
}

// Name/1.2, Name//1.2, Name/v1.2, Name/R6_2_1, Name/(1.2), but not 2205/2238/2212, 10/100, AS/400, Name/32 v1.2
const SLASH =
  /^([^/;,(]*?[A-Za-z](?:[^/;,(]|\([^/();]{0,40}\))*?) ?(?<!\b(?:AS|OS|S)|[\d+] ?(?=\/ ?\d{1,4}(?![\w.])))\/{1,2} ?\(?(?!\d\d? v\d)([vVrR]?\.?\d[^\s;,()/]*(?:\(\w{1,4}\))?)(?![^\s;,()/]|\/\d)/

// Name Version 1.2, Name Ver. 1.2, Name, version 1.2, Name Release 7, Name Rev 1.2, Name Level 510
const ANNOUNCED =
  /^([^;/]*?[A-Za-z)][^;/]*?)[ ,_-]{1,3}(?:[vV]ersion|VERSION|[vV]ers|[vV]er|VER|[rR]elease|[rR]ev|[bB]uild|[lL]evel|[fF]irmware|[fF][wW])[ .:_#-]{0,3}([vV]?\d[^\s;,()]*)/
// Name v1.2, Name V1, Name-v1.2, Name.v1.2
const LETTERED = /^((?:[^;/]|\/(?=\w))*?[A-Za-z](?:[^;/]|\/(?=\w))*?)[ ._-](?:[vV]\.? ?|R(?=\d{1,3}\.\d))(\d[^\s;,()]*)/
/** Behind these, four numbers are a version and no address. */
const SURE: readonly RegExp[] = [SLASH, ANNOUNCED, LETTERED]

/** `name SEP version`, the separators from the surest to the loosest. */
const SHAPES: readonly RegExp[] = [
  SLASH,
  // Maker/Model/1.2
  /^([A-Za-z]\w{1,20}\/[A-Za-z][\w.-]{0,30})\/[vV]?(\d+\.\d[^\s;,()/]*)/,
  // Maker/Model-1.2
  /^([A-Za-z]+\/[A-Za-z]\w*)-(\d+\.[\dx][^\s;,]*)/,
  // Name V1.1B 1.0.9.1: the hardware's, then what runs on it
  /^([^;/]*?[A-Za-z][^;/]*?) [vV]\d[\w.]{0,6} (\d+\.\d+\.\d[^\s;,()]*)/,
  // Name(1.2), Name (1.2), Name (Version 1.2), Name [v1.2]
  /^([^([;,/]*?[A-Za-z][^([;,/]*?) ?[([](?:[vV]ersion |[vV]er\.? |[vV])?(\d+\.[^\s;,()\]]*)[ )\]]/,
  // Name V5R4M0
  /^((?:[^;/]|\/(?=\w))*?[A-Za-z](?:[^;/]|\/(?=\w))*?)[ -](V\d{1,4}R\d{1,4}\w{0,12})(?![\w.])/,
  // ModelV200R003C00: Huawei's
  /^([A-Z][A-Za-z]*\d[\w-]*?)(V\d{3}R\d{3}(?:C\d{2}\w{0,8})?)$/,
  ANNOUNCED,
  LETTERED,
  // Name 7u4-18.01
  /^([^;/]*?[A-Za-z][^;/]*?) (\d+u\d+[\w.-]*)/,
  // Name 1.2, Name_1.2, Name-1.2.3
  /^((?:[^;/]|\/(?=\w))*?[A-Za-z](?:[^;/]|\/(?=\w))*?)[ _-](\d+\.[\dx][^\s;,()]*(?:\(\w{1,4}\)\w{0,8})?)/,
  // Name-1_2_3
  /^([A-Za-z][A-Za-z0-9 .-]*?)[ _-][vV]?(\d+(?:_\d+){2,}[^\s;,()]*)/,
  // 1.2 Name never; Name1.2 (dotted at least once, so that a model number is not one)
  /^([A-Za-z][A-Za-z_ -]*?)(\d+\.\d[^\s;,()]*)$/,
  // the same as one word among others: Some (Name1.2)
  /^(?:[^(]{0,60}\()?([^(]{0,60}?[A-Za-z]{3})(\d+\.\d[\w.]*)(?=$|[ ,;)])/,
]

/** Words that stand before a version and belong to neither. */
const FILLER = /[ ,_:-]+(?:server version|version|vers|ver|release|rel|rev|build|v)\.?$/i

/** A version that ended up in the name, because what stands behind it looked surer: `Name-1.2.3(4.5)`. */
const EARLIER =
  /^(.*?[A-Za-z].*?)[ _-]+(?:[vV]?\.?(\d+(?:\.\d+){1,5}\w{0,4}(?:\+\w{1,12})?)(?: UPnP| HTTP)?|[vV](\d+)(?: \([^()]{1,24}\))?)$/

/** `read` says what a version is; in headers, where nobody writes an address, `slashVersion`. */
export function nameAndVersion(text: string, read: typeof versionToken = versionToken): NameAndVersion {
  for (const shape of SHAPES) {
    const found = shape.exec(text)
    const version = found && (SURE.includes(shape) ? slashVersion : read)(found[2] ?? '')
    if (!found || !version) continue
    const [, name, dotted, announced] = EARLIER.exec(tidy(found[1] ?? '')) ?? []
    // `v7 Build 8.2.23.0`: the model's, where what stands behind is the finer.
    const earlier = dotted ?? (/\d\.\d+\.\d/.test(version) ? undefined : announced)
    if (name !== undefined) return { name: tidy(name), version: upstream(earlier ?? version) }
    return { name: tidy(found[1] ?? ''), version: upstream(version) }
  }
  return { name: tidy(text.split(/[;,(]| - /, 1)[0] ?? ''), version: null }
}

const tidy = (name: string): string => name.replace(FILLER, '').replace(/^[\s"'<([]+|[\s"'>:,.=([/-]+$/g, '')
