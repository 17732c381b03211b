/** One document of the configuration, as problems point into it. */
export interface Source {
  /** As the person named it. */
  readonly name: string
  /** 1-based line and column of an offset, with that line for display (secrets masked) and where the caret stands in it. */
  locate(offset: number): Location
}

/** A position for a person. */
export interface Location {
  readonly line: number
  readonly column: number
  /** The line without secrets; absent when it cannot be shown safely. */
  readonly text?: string
  /** 0-based, in `text`. */
  readonly caret: number
}

/** Where a value of the configuration stands. */
export interface Place {
  readonly source: Source
  readonly offset: number
}

/** The place of something that stands in no file, such as a command-line option. */
export function namedPlace(name: string): Place {
  return { source: { name, locate: () => ({ line: 1, column: 1, caret: 0 }) }, offset: -1 }
}
