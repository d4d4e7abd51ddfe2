const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })

export const count = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : WHOLE.format(value)

/** For places where 1,234,567 has no room. */
export const shortCount = (value: number) => SHORT.format(value)

/** `1 host`, `2 hosts`. */
export const many = (value: number, one: string, more = `${one}s`) => `${count(value)} ${value === 1 ? one : more}`

/** Seconds as people say them: `under a second`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'under a second'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole < 172_800) return `${Math.floor(whole / 3_600)} h ${Math.round((whole % 3_600) / 60)} min`
  return `${count(whole / 86_400)} days`
}

export const bracketed = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip)

/** `10.0.0.1:22/tcp` */
export const placeOf = (place: { readonly ip: string; readonly port: number; readonly transport: string }) =>
  `${bracketed(place.ip)}:${place.port}/${place.transport}`

export const hostPath = (ip: string) => `/hosts/${encodeURIComponent(ip)}`
