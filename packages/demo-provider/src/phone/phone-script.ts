/**
 * What keeps an open phone page up to date: it hears of a change, fetches the page again and takes over what is new in it. A card that is
 * already there stays as it is, so that nothing moves under a finger and no choice is lost.
 */
export const PHONE_SCRIPT = `
'use strict'
const part = (page, id) => page.getElementById(id)

async function refresh() {
  const response = await fetch('/phone', { headers: { accept: 'text/html' } })
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  if (part(page, 'waiting') === null) return location.reload()
  document.title = page.title
  const waiting = part(document, 'waiting')
  const kept = new Map([...waiting.children].map((card) => [card.id, card]))
  waiting.replaceChildren(...[...part(page, 'waiting').children].map((card) => kept.get(card.id) ?? document.adoptNode(card)))
  part(document, 'over').replaceChildren(...part(page, 'over').childNodes)
  tick()
}

function tick() {
  for (const time of document.querySelectorAll('time[data-until]')) {
    const seconds = Math.max(0, Math.ceil((Number(time.dataset.until) - Date.now()) / 1000))
    time.textContent = Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0')
    if (seconds === 0) { delete time.dataset.until; void refresh() }
  }
}

new EventSource('/phone/events').addEventListener('change', () => void refresh())
setInterval(tick, 1000)
`
