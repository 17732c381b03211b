import { deepAll } from '../src/testing/deep-query.ts'

/** Clicks the first button with these words or this name, in whatever shadow root below. */
export function clickButton(root: Element, words: string): void {
  buttonOf(root, words)?.click()
}

/** Puts the focus on the first button with these words or this name. */
export function focusButton(root: Element, words: string): void {
  buttonOf(root, words)?.focus()
}

/** Writes into the first text field. */
export function write(root: Element, text: string): void {
  const field = deepAll(root, 'textarea').find((area) => !area.closest('details:not([open])'))
  if (field === undefined) return
  field.value = text
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

/** Opens every `<details>` below. */
export function openDetails(root: Element): void {
  for (const details of deepAll(root, 'details')) details.open = true
}

/** Waits for something that comes in a while: a module has to be loaded for it first. */
export async function appeared(root: Element, selector: string): Promise<void> {
  for (let round = 0; deepAll(root, selector).length === 0; round += 1) {
    if (round > 500) throw new Error(`"${selector}" did not appear`)
    await new Promise((resolve) => setTimeout(resolve, 8))
  }
}

/** Lets what was begun be drawn: promises, a module that comes in, the next frames. */
export async function drawn(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setTimeout(resolve, 8))
}

function buttonOf(root: Element, words: string): HTMLButtonElement | undefined {
  return deepAll(root, 'button').find((button) => `${button.textContent} ${button.getAttribute('aria-label') ?? ''}`.includes(words))
}
