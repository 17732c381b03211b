/** All elements that match below an element, in whatever shadow root. */
export function deepAll<Tag extends keyof HTMLElementTagNameMap>(root: ParentNode, selector: Tag): readonly HTMLElementTagNameMap[Tag][]
export function deepAll(root: ParentNode, selector: string): readonly HTMLElement[]
export function deepAll(root: ParentNode, selector: string): readonly HTMLElement[] {
  const own = root instanceof Element && root.shadowRoot !== null ? deepAll(root.shadowRoot, selector) : []
  const below = Array.from(root.querySelectorAll<HTMLElement>('*')).flatMap((element) => {
    const inner = element.shadowRoot === null ? [] : deepAll(element.shadowRoot, selector)
    return element.matches(selector) ? [element, ...inner] : inner
  })
  return [...own, ...below]
}
