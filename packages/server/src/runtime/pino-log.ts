import type { Log, LogFacts } from '@countersign/core'
import { pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const SECRET_NAME = /token|secret|password|authorization|cookie|verifier|(^|_)code$/i
const MAX_TEXT = 500

/** Structured lines on standard error: one JSON object a line, control characters escaped, nothing under a secret's name, no long texts. */
export function pinoLog(level: LogLevel): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }))
  const write =
    (to: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, facts: LogFacts = {}): void =>
      logger[to](presentable(facts), message)
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function presentable(facts: LogFacts): LogFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      if (SECRET_NAME.test(name)) return [name, '[secret]']
      return [name, typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value]
    }),
  )
}
