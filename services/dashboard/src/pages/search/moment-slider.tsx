/** Back in time: everything below is as it was then. */
import { useState } from 'react'
import { localTime } from '../../ui/moment.tsx'

const DAY = 86_400_000
const BACK = 90

type MomentSliderProps = { readonly at: string | null; readonly onChange: (at: string | null) => void }

export function MomentSlider({ at, onChange }: MomentSliderProps) {
  const known = at === null ? 0 : -Math.min(BACK, Math.round((Date.now() - Date.parse(at)) / DAY))
  const [days, setDays] = useState(known)
  const settle = () => onChange(days === 0 ? null : new Date(Date.now() + days * DAY).toISOString())
  return (
    <div className="row slider">
      <label htmlFor="at">As it was</label>
      <input
        id="at"
        type="range"
        min={-BACK}
        max={0}
        value={days}
        aria-valuetext={days === 0 ? 'now' : `${-days} days ago`}
        onChange={(event) => setDays(Number(event.target.value))}
        onPointerUp={settle}
        onKeyUp={settle}
      />
      <output htmlFor="at" className="number">
        {days === 0 ? 'now' : localTime(Date.now() + days * DAY)}
      </output>
      {days !== 0 && (
        <button
          type="button"
          className="button small"
          onClick={() => {
            setDays(0)
            onChange(null)
          }}
        >
          Back to now
        </button>
      )}
    </div>
  )
}
