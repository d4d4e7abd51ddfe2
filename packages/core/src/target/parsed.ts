/** What is wrong with a piece of text a person wrote, and what to write instead. */
export type Flaw = {
  /** Index of the first offending character. */
  readonly position: number
  /** What is wrong, as a clause: `octet 3 is 256, the largest is 255`. */
  readonly problem: string
  /** What to do, in the imperative: `write 10.0.0.1`. */
  readonly fix: string
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly flaw: Flaw }

/** A flaw with its place in the request. */
export type SpecError = Flaw & {
  /** JSON pointer to the field (RFC 6901): `/targets/3`, `/ports`. */
  readonly pointer: string
  /** The text as it was given. */
  readonly spec: string
}

export function good<T>(value: T): Parsed<T> {
  return { ok: true, value }
}

export function flawed(position: number, problem: string, fix: string): { readonly ok: false; readonly flaw: Flaw } {
  return { ok: false, flaw: { position, problem, fix } }
}

/** One line for people: `10.0.0.256: octet 4 is 256, the largest is 255 (at character 8); write ...`. */
export function describeSpecError({ spec, position, problem, fix }: SpecError): string {
  return `${JSON.stringify(spec)}: ${problem} (at character ${position + 1}); ${fix}`
}
