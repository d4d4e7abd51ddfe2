import { Link } from '../../app/link.tsx'
import { count } from '../../ui/numbers.ts'

type TileProps = {
  readonly href: string
  readonly name: string
  /** Undefined until it is known. */
  readonly value: number | undefined
  readonly more?: string
  /** A colour for a number that should be none. */
  readonly tone?: 'critical' | 'high' | 'medium' | 'low'
}

/** A number that leads to what it counts. */
export const Tile = ({ href, name, value, more = '', tone }: TileProps) => (
  <Link className={tone !== undefined && value ? `tile ${tone}` : 'tile'} href={href}>
    <span className="value">{value === undefined ? ' ' : `${count(value)}${more}`}</span>
    <span className="name">{name}</span>
  </Link>
)
