/** Whether the person is in the middle of writing: a text field with something in it has the focus, in whatever shadow root. */
export function isTyping(): boolean {
  const active = deepActive(document.activeElement)
  if (active instanceof HTMLTextAreaElement) return active.value !== ''
  return active instanceof HTMLInputElement && active.type === 'text' && active.value !== ''
}

function deepActive(active: Element | null): Element | null {
  const inner = active?.shadowRoot?.activeElement ?? null
  return inner === null ? active : deepActive(inner)
}
