import { LOG_FACTS, type Log, type LogFacts } from '@countersign/core'
import { pino } from 'pino'
import { logText } from './log-text.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where lines go, and when it is. */
export interface LogPlace {
  write(line: string): void
  /** Epoch ms. */
  now(): number
}

/** The same message this often within {@link FLOOD_MS}: who makes us refuse things does not fill the disk by it. */
const MAX_ALIKE = 50
const FLOOD_MS = 10_000

const names: ReadonlySet<string> = new Set(LOG_FACTS)

/**
 * Structured lines: one JSON object a line on standard error, plain words if that is a terminal. Only the facts of the closed list are written, and their
 * texts are harmless; see `logText`. Of a flood of lines alike the first are written, and later how many more there were.
 */
export function pinoLog(level: LogLevel, place: LogPlace = standardError()): Log {
  const formatters = { level: (label: string) => ({ level: label }) }
  const logger = pino({ level, base: null, timestamp: () => `,"time":"${new Date(place.now()).toISOString()}"`, formatters }, place)
  const alike = new Map<string, { since: number; count: number }>()
  /** How many lines of this message were left out before this one; undefined: this one is, too. */
  const leftOut = (message: string): number | undefined => {
    const now = place.now()
    const seen = alike.get(message)
    if (seen && now - seen.since < FLOOD_MS) {
      seen.count += 1
      return seen.count > MAX_ALIKE ? undefined : 0
    }
    alike.set(message, { since: now, count: 1 })
    return Math.max(0, (seen?.count ?? 0) - MAX_ALIKE)
  }
  const write =
    (to: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, facts: LogFacts = {}): void => {
      if (!logger.isLevelEnabled(to)) return
      const missing = leftOut(message)
      if (missing === undefined) return
      logger[to]({ ...presentable(facts), ...(missing > 0 && { leftOut: missing }) }, logText(message))
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function presentable(facts: LogFacts): LogFacts {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => {
      if (!names.has(name)) return []
      return [[name, typeof value === 'string' ? logText(value) : value]]
    }),
  )
}

function standardError(): LogPlace {
  if (process.stderr.isTTY) return { write: (line) => process.stderr.write(`${inWords(line)}\n`), now: Date.now }
  const destination = pino.destination({ dest: 2, sync: true })
  return { write: (line) => destination.write(line), now: Date.now }
}

/** A line for a person at a terminal: time, level, message, and the facts behind it. */
export function inWords(line: string): string {
  // The boundary: what pino has just written.
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const told = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === 'string' && /\s/.test(value) ? JSON.stringify(value) : String(value)}`,
  )
  return [String(time).slice(11, 19), String(level).padEnd(5), `${String(msg)}${told.length > 0 ? ':' : ''}`, ...told].join(' ')
}
