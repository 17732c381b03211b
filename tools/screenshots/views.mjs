/**
 * How the states are looked at: the theme, and the size of the window. `narrow` is a desk at a zoom of 400 %.
 *
 * @typedef {{ name: string, theme: 'light' | 'dark', viewport: { width: number, height: number }, options: object }} View
 */
const sizes = {
  desk: { viewport: { width: 1280, height: 800 }, options: {} },
  phone: { viewport: { width: 390, height: 780 }, options: { hasTouch: true, isMobile: true } },
  narrow: { viewport: { width: 320, height: 640 }, options: {} },
}

/** @returns {View} */
function view(size, theme) {
  return { name: `${size}-${theme}`, theme, ...sizes[size] }
}

/** Both themes on both sizes. */
export const views = ['desk', 'phone'].flatMap((size) => [view(size, 'light'), view(size, 'dark')])

/** The narrowest that has to work (WCAG 2.2, 1.4.10). */
export const narrow = view('narrow', 'light')

/**
 * A window of this view, in which nothing moves.
 *
 * @param {import('playwright').Browser} browser
 * @param {View} view
 */
export function openContext(browser, { theme, viewport, options }) {
  return browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', ...options })
}
