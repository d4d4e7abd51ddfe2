/** Times in the reader's zone, the UTC of it on hover; ages for what is recent. */
const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' })
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'short', day: 'numeric' })
/** Milliseconds. */
const DAY_LENGTH = 86_400_000
const NEAR = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** `today`, `yesterday`, `Friday, Nov 20`: of the reader's calendar. */
export function dayName(at: string): string {
  const midnight = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime()
  // Rounded, because two days a year are not 24 hours long.
  const days = Math.round((midnight(new Date(at)) - midnight(new Date())) / DAY_LENGTH)
  return days < -1 ? WEEKDAY.format(new Date(at)) : NEAR.format(days, 'day')
}

export const dayOf = (at: number | string) => DAY.format(new Date(at))
export const localTime = (at: number | string) => LOCAL.format(new Date(at))

function age(at: number): string {
  const seconds = (at - Date.now()) / 1000
  const [unit, length] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', 1]
  return unit === 'second'
    ? seconds > 0
      ? 'in a moment'
      : 'just now'
    : RELATIVE.format(Math.round(seconds / length), unit)
}

type MomentProps = {
  readonly at: string | null | undefined
  readonly otherwise?: string
  /** Never as an age. */
  readonly exact?: boolean
  /** The day is enough where it is not an age; the time is on hover. */
  readonly brief?: boolean
  /** Below a heading that names the day. */
  readonly clock?: boolean
}

export function Moment({ at, otherwise = '–', exact = false, brief = false, clock = false }: MomentProps) {
  if (!at) return <span className="quiet">{otherwise}</span>
  const time = Date.parse(at)
  const utc = `${at.slice(0, 19).replace('T', ' ')} UTC`
  const isNear = !exact && Math.abs(time - Date.now()) < (clock ? DAY_LENGTH : 7 * DAY_LENGTH)
  const format = clock ? CLOCK : brief ? DATE : LOCAL
  return (
    <time dateTime={at} title={isNear || format !== LOCAL ? `${LOCAL.format(time)} · ${utc}` : utc}>
      {isNear ? age(time) : format.format(time)}
    </time>
  )
}
