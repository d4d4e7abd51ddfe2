/** What a command is called, takes and does; help, completion and the tests of the examples are made of it. */
export type OptionSpec = {
  /** As commander reads it: `-p, --ports <spec>`. */
  readonly flags: string
  readonly description: string
  /** Heading in the help. */
  readonly group?: string
  readonly choices?: readonly string[]
  /** What completion offers where any other value may be given, too. */
  readonly values?: readonly string[]
  /** May be given several times; the values come as a list. */
  readonly repeatable?: boolean
  /** Environment variable that gives the value when the option does not. */
  readonly env?: string
}

export type Example = {
  /** A whole command line, run by a test as it stands. */
  readonly command: string
  readonly note: string
}

export type CommandSpec = {
  readonly name: string
  /** As commander reads it: `[target...]`. */
  readonly arguments?: string
  readonly summary: string
  /** Heading in the help of the whole. */
  readonly group?: string
  /** Paragraphs under the usage line. */
  readonly description?: string
  /** What its first word may be, and the words that follow each: `ID REASON`. */
  readonly actions?: Readonly<Record<string, string>>
  readonly options?: readonly OptionSpec[]
  readonly examples?: readonly Example[]
  /** It asks a service: its examples are run against one. */
  readonly service?: boolean
  /** The file with defaults for options has nothing for it, and need not even be readable. */
  readonly unconfigured?: boolean
  /** Turns habits from other tools into our spelling, before anything else reads the arguments. */
  readonly rewrite?: (args: readonly string[]) => readonly string[]
  /** Loads the command's code and runs it. Resolves with the exit code. */
  readonly run: (args: readonly string[], options: Options) => Promise<number>
}

/** Values by their long name in camel case, as commander gives them. */
export type Options = Readonly<Record<string, unknown>>
