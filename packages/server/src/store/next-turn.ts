/**
 * Resolves in the next turn of the event loop: sockets and timers come first. Not a wait that a test would want to shorten, so it is
 * no part of `Runtime`, whose virtual clock would hold every commit until it is moved.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
