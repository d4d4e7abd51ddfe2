/** How many endpoints were open, day by day. What was, does not change: each day is asked for once. */
import { useQuery } from '@tanstack/react-query'
import { type PointerEvent, useState } from 'react'
import { api, queries, take } from '../../api/client.ts'
import { dayOf } from '../../ui/moment.tsx'
import { count } from '../../ui/numbers.ts'
import { Empty, Failure, Waiting } from '../../ui/states.tsx'
import { totalOf, useOpenNow } from './open-now.ts'

const DAY = 86_400_000
const DAYS = 14
const WIDTH = 100
const HEIGHT = 40

export type Point = { readonly at: number; readonly open: number }

/** Midnights UTC, today's last. */
function midnights(now: number): number[] {
  const today = Math.floor(now / DAY) * DAY
  return Array.from({ length: DAYS }, (_, i) => today - (DAYS - 1 - i) * DAY)
}

async function openAt(at: number): Promise<Point> {
  const query = { q: 'state:open', at: new Date(at).toISOString(), facets: true, limit: 1 }
  const { facets } = await take(api.GET('/v1/endpoints', { params: { query } }))
  return { at, open: totalOf(facets) ?? 0 }
}

/** One after the other: looking back is work for the database, and the rest of the page does not wait for it. */
async function openAtAll(moments: readonly number[]): Promise<readonly Point[]> {
  const points: Point[] = []
  for (const at of moments) {
    const day = { queryKey: ['open-at', at], queryFn: () => openAt(at), staleTime: Number.POSITIVE_INFINITY }
    points.push(await queries.fetchQuery(day))
  }
  return points
}

export function ExposureChart() {
  const moments = midnights(Date.now())
  const now = useOpenNow()
  const days = useQuery({
    queryKey: ['open-at', 'all', moments.at(-1)],
    queryFn: () => openAtAll(moments),
    placeholderData: (before) => before,
  })
  if (days.error) return <Failure error={days.error} retry={days.refetch} />
  if (days.data === undefined || now.data === undefined) return <Waiting />
  const points = [...days.data, { at: Date.now(), open: totalOf(now.data.facets) ?? 0 }]
  if (points.every(({ open }) => open === 0))
    return <Empty title="Nothing is known to be open">The curve begins with the first finished scan.</Empty>
  return <Curve points={points} />
}

export function Curve({ points }: { readonly points: readonly Point[] }) {
  const [pointed, setPointed] = useState<number | null>(null)
  const most = Math.max(...points.map(({ open }) => open), 1)
  const x = (i: number) => (i / Math.max(points.length - 1, 1)) * WIDTH
  const y = (open: number) => HEIGHT - (open / most) * (HEIGHT - 2) - 1
  const line = points.map(({ open }, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(2)} ${y(open).toFixed(2)}`).join('')
  const shown = points[pointed ?? points.length - 1]
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    setPointed(Math.round(((event.clientX - left) / width) * (points.length - 1)))
  }
  return (
    <figure className="curve-box">
      <div className="chart-marks">
        <span>{count(most)} at most</span>
        <strong>{shown && `${count(shown.open)} ${pointed === null ? 'now' : `on ${dayOf(shown.at)}`}`}</strong>
      </div>
      <svg
        className="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={sayCurve(points, most)}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      >
        <path className="grid" d={`M0 ${HEIGHT}H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 0H${WIDTH}`} />
        <path className="area" d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
        <path className="curve" d={line} />
        {pointed !== null && <path className="pointed" d={`M${x(pointed)} 0V${HEIGHT}`} />}
      </svg>
      <div className="chart-marks">
        {points
          .filter((_, i) => i % 4 === 0 && i < points.length - 2)
          .map(({ at }) => (
            <span key={at}>{dayOf(at)}</span>
          ))}
        <span>today</span>
      </div>
    </figure>
  )
}

function sayCurve(points: readonly Point[], most: number): string {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return ''
  return `From ${first.open} open endpoints on ${dayOf(first.at)} to ${last.open} now, ${most} at most`
}
