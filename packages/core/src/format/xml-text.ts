/** Not allowed in XML 1.0, whatever the escaping (section 2.2): most control characters, lone surrogates. */
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#xa;',
  '\r': '&#xd;',
  '\t': '&#x9;',
}

/** Text as an attribute value; line ends and tabs survive the parser's normalisation. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"'\n\r\t]/g, (c) => ESCAPES[c] ?? c)
}

/** ` name="value"` for each value that is there. */
export function xmlAttributes(values: Readonly<Record<string, string | number | null | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('')
}
