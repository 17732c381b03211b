/** Facts of a log line. Only plain values: a nested object could carry a secret past redaction. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Structured log lines: an event name in words and its facts. */
export interface Log {
  debug(message: string, facts?: LogFacts): void
  info(message: string, facts?: LogFacts): void
  warn(message: string, facts?: LogFacts): void
  error(message: string, facts?: LogFacts): void
}

/** Drops every line. */
export const silentLog: Log = { debug: drop, info: drop, warn: drop, error: drop }

function drop(): void {}
