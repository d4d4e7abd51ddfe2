/** One line that is nothing but a moment: what daytime servers send (RFC 867 leaves the form open). */
import { latin1 } from '#core/wire/reader.ts'

const MONTH = /(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}/i
const FORMS = [
  /** `Mon Nov 23 05:09:46 2026`, `Monday, November 23, 2026 05:09:46-UTC` */
  new RegExp(
    `^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?${MONTH.source} ? \\d{1,2},? (?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d`,
    'i',
  ),
  /** `23 NOV 2026 05:09:46 UTC` */
  new RegExp(
    `^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?\\d{1,2} ${MONTH.source} \\d{4} \\d\\d:\\d\\d:\\d\\d`,
    'i',
  ),
  /** `05:09:46 2026/11/23`, `5:09:46 AM 11/23/2026`, `11/23/2026 5:09:46` */
  /^\d{1,2}:\d\d:\d\d (?:[AP]M )?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}/i,
  /^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4} \d{1,2}:\d\d:\d\d/,
  /** NIST: `61367 26-11-23 05:09:46 00 0 0 123.4 UTC(NIST) *` */
  /^\n?\d{5} \d\d-\d\d-\d\d \d\d:\d\d:\d\d \d\d \d \d +[\d.]+ UTC\(\w+\)/,
]

export function recogniseDaytime(bytes: Uint8Array): boolean {
  if (bytes.length < 12 || bytes.length > 100) return false
  const text = latin1(bytes).replace(/^\0+|[\r\n\0]+$/g, '')
  return !/[\r\n]/.test(text.slice(1)) && FORMS.some((form) => form.test(text))
}
