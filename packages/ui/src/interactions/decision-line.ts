import type { Me, Question } from '@countersign/core/protocol'
import { css, html, nothing, type TemplateResult } from 'lit'
import { scopeList } from '../auth/scope-list.ts'
import type { AskedQuestion, QuestionEnd } from '../client/chat-state.ts'
import { momentTime } from '../elements/moment-time.ts'
import { icon, type IconName } from '../icons.ts'
import { approvalDetails } from './approval-details.ts'
import { questionKind } from './question-kinds.ts'

/** The most of a question that its line repeats, in UTF-16 units. */
const ASKED_LIMIT = 160

/** The record of a decision: one line that says what was decided, by whom and when; what was approved or allowed can be opened. */
export function decisionLine(
  { view: { question } }: AskedQuestion,
  end: QuestionEnd,
  reader: { readonly viewer: Me['principal'] | null; readonly now: number },
): TemplateResult {
  const more = moreOf(question)
  const by = byWords(end.by, reader.viewer)
  const words = html`${icon(question.kind === 'notification' ? 'info' : END_ICON[end.state])}
    <span class="words">
      ${askedWords(question, end)}<span class="decided" dir="auto">${end.sentence}</span>
      <span class="when">${by === null ? nothing : html`by <bdi>${by}</bdi> · `}${momentTime(end.at, reader.now)}</span>
    </span>`
  return html`<div class="closed ${end.state}">
    ${
      more === null
        ? html`<p class="line" tabindex="-1">${words}</p>`
        : html`<details>
            <summary class="line">${words}<span class="chevron">${icon('chevron')}</span></summary>
            <div class="more">${more}</div>
          </details>`
    }
  </div>`
}

/** What was asked, unless the decision says it, or is it. */
function askedWords(question: Question, { sentence }: QuestionEnd): TemplateResult | typeof nothing {
  const { kind, text } = question
  const isSaid = questionKind(kind).isSelfExplaining === true || 'approval' in question || text === sentence || text === ''
  if (isSaid) return nothing
  return html`<span class="asked" dir="auto">${text.length > ASKED_LIMIT ? `${text.slice(0, ASKED_LIMIT)}…` : text}</span> `
}

/** A conversation belongs to one person: one who answered as a guest and then signed in is the same. */
function byWords(by: string | null, viewer: Me['principal'] | null): string | null {
  if (by === null || by === 'system' || viewer === null) return null
  return by === viewer.id || by.startsWith('anonymous:') ? (viewer.name ?? 'you') : 'somebody else'
}

function moreOf(question: Question): TemplateResult | null {
  switch (question.kind) {
    case 'oauth_consent':
      return wishOf(question.consent, 'know that you signed in.')
    case 'device_code':
      return wishOf(question.device, 'know that you signed in.')
    case 'backchannel': {
      const { bindingMessage } = question.backchannel
      return html`${bindingMessage === undefined ? nothing : html`<p>The words to compare were “<bdi>${bindingMessage}</bdi>”.</p>`}
      ${wishOf(question.backchannel, 'know that it was approved.')}`
    }
    case 'binary_choice':
      return question.approval === undefined
        ? null
        : html`<p dir="auto">${question.text}</p>
            ${approvalDetails(question.approval)}`
    default:
      return null
  }
}

function wishOf({ tool, scopes }: { readonly tool: string; readonly scopes: readonly string[] }, least: string): TemplateResult {
  return html`<p>The tool <code>${tool}</code> asked to be allowed to</p>
    ${scopes.length === 0 ? html`<p class="muted">${least}</p>` : scopeList(scopes, 'What was asked for')}`
}

const END_ICON: Readonly<Record<QuestionEnd['state'], IconName>> = {
  answered: 'ok',
  declined: 'refused',
  cancelled: 'cancelled',
  expired: 'clock',
  failed: 'failed',
}

/** How the record of a decision looks. */
export const decisionStyles = css`
  .line {
    display: flex;
    align-items: start;
    gap: 0.6rem;
    padding: 0.3rem 0.5rem;
    margin-inline: -0.5rem;
    border-radius: var(--cs-radius-small);
    font-size: 0.95rem;
    line-height: 1.45;
  }
  .line > svg {
    margin-block-start: 0.08rem;
    color: var(--cs-muted);
  }
  .answered .line > svg {
    color: var(--cs-ok);
  }
  .failed .line > svg {
    color: var(--cs-danger);
  }
  .words {
    flex: 1;
    min-inline-size: 0;
  }
  .asked {
    color: var(--cs-muted);
  }
  .decided {
    font-weight: 550;
  }
  .when {
    color: var(--cs-muted);
    font-size: 0.9em;
    white-space: nowrap;
    margin-inline-start: 0.35rem;
  }
  .chevron {
    align-self: center;
    color: var(--cs-muted);
    transition: rotate 120ms;
  }
  .chevron svg {
    inline-size: 1rem;
    block-size: 1rem;
  }
  details[open] .chevron {
    rotate: 90deg;
  }
  summary.line {
    cursor: pointer;
    list-style: none;
  }
  summary.line::-webkit-details-marker {
    display: none;
  }
  summary.line:hover {
    background: var(--cs-raised);
  }
  .more {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.6rem;
    padding: 0.4rem 0 0.5rem 1.85rem;
    font-size: 0.95rem;
  }
`
