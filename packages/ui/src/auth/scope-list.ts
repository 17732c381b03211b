import { css, html, nothing, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { inReadingOrder, scopeWords } from './scope-words.ts'

/** Scopes in plain words, each on its line; one that only its provider can explain stands as it is. */
export function scopeList(scopes: readonly string[], name: string): TemplateResult | typeof nothing {
  if (scopes.length === 0) return nothing
  return html`<ul class="scopes" aria-label=${name}>
    ${inReadingOrder(scopes).map((scope) => html`<li>${icon('ok')}<span>${scopeWords(scope) ?? html`<code>${scope}</code>`}</span></li>`)}
  </ul>`
}

/** How a list of scopes looks. */
export const scopeStyles = css`
  .scopes {
    display: grid;
    gap: 0.35rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .scopes li {
    display: flex;
    gap: 0.55rem;
    align-items: start;
    line-height: 1.4;
  }
  .scopes svg {
    margin-block-start: 0.2rem;
    inline-size: 1rem;
    block-size: 1rem;
    color: var(--cs-ok);
  }
`
