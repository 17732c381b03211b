import type { Me } from '@countersign/core/protocol'
import { css, html, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { personWords } from './account-words.ts'

/** A round picture made of a person's initials; of one nobody knows, a drawing. Hidden from screen readers: the name stands beside it. */
export function personInitials(principal: Me['principal'] | undefined): TemplateResult {
  const initials = principal === undefined || principal.kind === 'anonymous' ? '' : initialsOf(personWords(principal))
  return html`<span class="initials ${initials === '' ? 'nobody' : ''}" aria-hidden="true"
    >${initials === '' ? icon('account') : initials}</span
  >`
}

/** The first letters of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.split(/[\s@._-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const first = words[0] ?? ''
  const last = words.length > 1 ? (words.at(-1) ?? '') : ''
  return [first, last].map((word) => Array.from(word)[0]?.toLocaleUpperCase() ?? '').join('')
}

/** How the initials look. */
export const initialsStyles = css`
  .initials {
    display: inline-grid;
    place-items: center;
    flex: none;
    inline-size: 2rem;
    block-size: 2rem;
    border-radius: 50%;
    background: var(--cs-accent);
    color: var(--cs-on-accent);
    font-size: 0.8rem;
    font-weight: 650;
    letter-spacing: 0.02em;
  }
  .initials.nobody {
    background: var(--cs-raised);
    color: var(--cs-text);
  }
  @media (forced-colors: active) {
    .initials {
      border: 1px solid;
    }
  }
`
