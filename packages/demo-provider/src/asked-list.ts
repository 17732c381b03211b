import type { DetailWords } from './authorization-details.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import type { AskedScope } from './scope-words.ts'

/** Scopes in words, as they are shown to whoever is asked to allow them all. */
export function scopeList(scopes: readonly AskedScope[]): Html {
  const items = scopes.map(({ scope, words }) => html`<li>${words} <code class="muted">${scope}</code></li>`)
  return html`<ul>
    ${items.length > 0 ? items : html`<li>Confirm that you signed in</li>`}
  </ul>`
}

/** What is asked beyond scopes, one panel each. */
export function detailPanels(details: readonly DetailWords[]): readonly Html[] {
  return details.map(
    ({ title, lines }) =>
      html`<div class="panel details">
        <p><strong>${title}</strong></p>
        <dl>
          ${lines.map(
            ({ name, value }) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
      </div>`,
  )
}
