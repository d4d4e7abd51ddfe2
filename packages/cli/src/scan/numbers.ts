/** `1234567` as `1,234,567`. Not toLocaleString: loading the locale data costs more than a small scan. */
export function grouped(value: number | bigint): string {
  const digits = String(value)
  let text = digits.slice(0, digits.length % 3 || 3)
  for (let at = text.length; at < digits.length; at += 3) text += `,${digits.slice(at, at + 3)}`
  return text
}

/** Minutes and seconds, with hours when there are any. */
export function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
