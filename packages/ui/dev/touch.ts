import { deepAll } from '../src/testing/deep-query.ts'

/** Clicks the first button with these words, in whatever shadow root below. */
export function clickButton(root: Element, words: string): void {
  deepAll(root, 'button')
    .find((button) => button.textContent.includes(words))
    ?.click()
}

/** Opens every `<details>` below. */
export function openDetails(root: Element): void {
  for (const details of deepAll(root, 'details')) details.open = true
}
