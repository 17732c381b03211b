/** What log lines tell. The list is closed: a name that is not on it does not compile, and the server's log would not write it. */
export const LOG_FACTS = [
  // who and what it is about; a conversation only by its digest, for clients choose its name
  'run',
  'call',
  'tool',
  'workflow',
  'model',
  'provider',
  'authorization',
  'conversation',
  'session',
  'request',
  'unit',
  'file',
  'key',
  'checkpoint',
  // where it comes from or goes to
  'origin',
  'address',
  'method',
  'path',
  'status',
  // what went wrong; see `errorFacts`
  'code',
  'error',
  'cause',
  'stack',
  'why',
  'during',
  // how much
  'ms',
  'ageMs',
  'runs',
  'requests',
  'sockets',
] as const

export type LogFact = (typeof LOG_FACTS)[number]

/** Facts of a log line. Only plain values: a nested object could carry a secret past redaction. */
export type LogFacts = Readonly<Partial<Record<LogFact, string | number | boolean | null | undefined>>>

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
