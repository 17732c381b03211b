import DOMPurify from 'dompurify'

/**
 * HTML source as inert nodes: only the tags Markdown makes, no attribute that styles, names or loads, and links that go to https, http
 * or mailto only, open apart from this page and say which host they lead to.
 */
export function sanitizeHtml(source: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(source, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'align', 'start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'iframe', 'img', 'svg', 'math'],
    FORBID_ATTR: ['style', 'class', 'id'],
  })
  for (const link of fragment.querySelectorAll('a')) tameLink(link)
  for (const table of fragment.querySelectorAll('table')) makeScrollable(table)
  return fragment
}

const TAGS = 'p br hr h3 h4 h5 h6 blockquote pre code strong em del a ul ol li table thead tbody tr th td'.split(' ')

const PROTOCOLS: ReadonlySet<string> = new Set(['https:', 'http:', 'mailto:'])

function tameLink(link: HTMLAnchorElement): void {
  const href = link.getAttribute('href') ?? ''
  const url = URL.canParse(href) ? new URL(href) : null
  if (url === null || !PROTOCOLS.has(url.protocol)) {
    link.removeAttribute('href')
    return
  }
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
  const isPlain = [href, url.host, url.href].includes(link.textContent.trim())
  if (url.protocol !== 'mailto:' && !isPlain) link.after(hostOf(url))
}

/** The true host beside a link whose words could claim another one. */
function hostOf(url: URL): HTMLElement {
  const host = document.createElement('bdi')
  host.className = 'host'
  host.textContent = ` (${url.host})`
  return host
}

/** A wide table scrolls by itself, also by keyboard, instead of widening the page. */
function makeScrollable(table: HTMLTableElement): void {
  const frame = document.createElement('div')
  frame.className = 'table'
  frame.tabIndex = 0
  frame.setAttribute('role', 'group')
  frame.setAttribute('aria-label', 'Table')
  table.replaceWith(frame)
  frame.append(table)
}
