import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { AskedQuestion, Reply, Step, Turn, TurnItem } from '../client/chat-state.ts'
import { base } from '../theme.ts'
import { turnStyles } from './turn-styles.ts'

/** What a person said and everything that came of it, in order. */
export class ChatTurn extends LitElement {
  static override styles = [base, turnStyles]
  static override properties = { turn: { attribute: false }, runtime: { attribute: false }, origin: { attribute: false } }

  declare turn: Turn
  declare runtime: BrowserRuntime
  declare origin: string

  override render(): TemplateResult {
    const { text, items } = this.turn
    return html`<div class="said">
        <h2 class="visually-hidden">You said:</h2>
        <p>${text}</p>
      </div>
      ${repeat(groupSteps(items), groupKey, (group) => this.#group(group))} ${this.#foot()}`
  }

  #group(group: Group): TemplateResult | typeof nothing {
    switch (group.kind) {
      case 'steps':
        return html`<countersign-step-list .steps=${group.steps}></countersign-step-list>`
      case 'reply':
        if (group.text === '') return nothing
        return html`<countersign-markdown
          .text=${group.text}
          .isComplete=${group.isComplete || this.turn.end !== null}
        ></countersign-markdown>`
      case 'question':
        return html`<countersign-question-card .asked=${group} .runtime=${this.runtime} .origin=${this.origin}></countersign-question-card>`
    }
  }

  #foot(): TemplateResult | typeof nothing {
    const { end, isRejected, runId, isStopping, items } = this.turn
    if (isRejected) return html`<countersign-notice .tone=${'failed'} .text=${'This message was not accepted.'}></countersign-notice>`
    if (end !== null) return notice(end.sentence ?? (end.state === 'cancelled' ? 'Stopped.' : null), end.state)
    if (isStopping) return working('Stopping')
    if (runId === null) return working('Sending')
    return isAtRest(items.at(-1)) ? working('Working') : nothing
  }
}

type Group = Reply | AskedQuestion | { readonly kind: 'steps'; readonly id: string; readonly steps: readonly Step[] }

/** Steps that follow one another stand in one list. */
function groupSteps(items: readonly TurnItem[]): readonly Group[] {
  return items.reduce<readonly Group[]>((groups, item) => {
    if (item.kind !== 'step') return [...groups, item]
    const last = groups.at(-1)
    if (last?.kind !== 'steps') return [...groups, { kind: 'steps', id: item.id, steps: [item] }]
    return [...groups.slice(0, -1), { ...last, steps: [...last.steps, item] }]
  }, [])
}

function groupKey({ kind, id }: Group): string {
  return `${kind} ${id}`
}

/** Nothing on the screen moves or waits for the person, so a sign of life is needed. */
function isAtRest(last: TurnItem | undefined): boolean {
  switch (last?.kind) {
    case undefined:
      return true
    case 'reply':
      return last.text === '' || last.isComplete
    case 'step':
      return last.status !== 'running' && last.status !== 'waiting'
    case 'question':
      return last.end !== null
  }
}

function working(word: string): TemplateResult {
  return html`<p class="working">
    <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${word}…
  </p>`
}

function notice(sentence: string | null, state: string): TemplateResult | typeof nothing {
  if (sentence === null) return nothing
  return html`<countersign-notice .tone=${state === 'failed' ? 'failed' : 'plain'} .text=${sentence}></countersign-notice>`
}
