import type { BrowserRuntime } from './browser-runtime.ts'

/** The person's wish: follow the system, or always light or dark. */
export type ThemeChoice = 'system' | 'light' | 'dark'

const KEY = 'countersign.theme'
const ORDER: readonly ThemeChoice[] = ['system', 'light', 'dark']

/** What was chosen on this device. */
export function recallTheme(runtime: BrowserRuntime): ThemeChoice {
  const stored = runtime.recall('browser', KEY)
  return ORDER.find((choice) => choice === stored) ?? 'system'
}

/** Keeps the choice on this device. */
export function rememberTheme(runtime: BrowserRuntime, choice: ThemeChoice): void {
  runtime.remember('browser', KEY, choice)
}

/** The choice that one press of the theme button leads to. */
export function nextTheme(choice: ThemeChoice): ThemeChoice {
  return ORDER[(ORDER.indexOf(choice) + 1) % ORDER.length] ?? 'system'
}
