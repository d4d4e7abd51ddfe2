/** `poor`: it works, but less well than it could. `broken`: something people expect to work does not. */
export type Health = 'fine' | 'poor' | 'broken'

export type Finding = {
  readonly name: string
  readonly health: Health
  /** What was found, in words. */
  readonly said: string
  /** What to do about it; null when it is fine. */
  readonly fix: string | null
}

export const fine = (name: string, said: string): Finding => ({ name, health: 'fine', said, fix: null })
export const poor = (name: string, said: string, fix: string): Finding => ({ name, health: 'poor', said, fix })
export const broken = (name: string, said: string, fix: string): Finding => ({ name, health: 'broken', said, fix })
