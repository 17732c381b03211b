/** Whether the person is in the middle of writing: a text field with something in it has the focus, in whatever shadow root. */
export function isTyping(): boolean {
  const active = activeElement()
  return isTextField(active) && active.value !== ''
}

/** Whether what is typed goes into a field, so that a single letter is no command. */
export function isInField(): boolean {
  const active = activeElement()
  return isTextField(active) || active instanceof HTMLSelectElement
}

/** What has the focus, in whatever shadow root. */
export function activeElement(): Element | null {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active
}

function isTextField(element: Element | null): element is HTMLTextAreaElement | HTMLInputElement {
  return element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && element.type === 'text')
}
