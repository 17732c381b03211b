import { define } from '../define.ts'

/** Brings in the elements of all dialogs, once. Rejects when they cannot be reached; then it can be tried again. */
export async function loadDialogs(): Promise<void> {
  const { dialogs } = await import('../dialogs.ts')
  for (const [tag, element] of Object.entries(dialogs)) define(tag, element)
}
