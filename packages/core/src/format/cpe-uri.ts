/**
 * The CPE 2.2 URI of a CPE 2.3 formatted string (NIST IR 7695 sections 6.1 and 6.2), the spelling nmap's consumers
 * know: `cpe:2.3:a:openbsd:openssh:9.2:p1:*:...` becomes `cpe:/a:openbsd:openssh:9.2:p1`.
 */
export function cpeUri(formatted: string): string {
  if (!formatted.startsWith('cpe:2.3:')) return formatted
  const parts = splitEscaped(formatted.slice('cpe:2.3:'.length)).slice(0, 7).map(uriPart)
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return `cpe:/${parts.join(':')}`
}

/** Splits at colons that no backslash stands before. */
function splitEscaped(text: string): string[] {
  return text.match(/(?:\\.|[^\\:])+|(?<=:|^)(?=:|$)/gs) ?? []
}

function uriPart(value: string): string {
  if (value === '*') return ''
  return value.replace(/\\(.)/g, (_, c: string) =>
    /[a-z0-9._-]/i.test(c) ? c : `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** The way back, for imports: `cpe:/a:vendor:product:version` as a formatted string. */
export function cpeFromUri(uri: string): string {
  if (!uri.startsWith('cpe:/')) return uri
  const parts = uri.slice(5).split(':').slice(0, 7)
  const values = Array.from({ length: 11 }, (_, i) => {
    const text = (parts[i] ?? '').replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    if (text === '') return '*'
    return text === '-' ? '-' : text.toLowerCase().replace(/[^a-z0-9._-]/g, (c) => `\\${c}`)
  })
  return `cpe:2.3:${values.join(':')}`
}
