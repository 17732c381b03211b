import type { Me, RunEnd } from '@countersign/core/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { AskedQuestion, Reply, Step, Turn, TurnItem } from '../client/chat-state.ts'
import { icon } from '../icons.ts'
import type { QuestionCard } from '../interactions/question-card.ts'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'
import { FocusKeeper } from './focus-keeper.ts'
import { turnStyles } from './turn-styles.ts'

/** What a person said and everything that came of it, in order. */
export class ChatTurn extends LitElement {
  static override styles = [base, controls, turnStyles]
  static override properties = {
    turn: { attribute: false },
    isLast: { attribute: false },
    runtime: { attribute: false },
    origin: { attribute: false },
    viewer: { attribute: false },
  }

  declare turn: Turn
  /** Nothing was said after it, so it may be tried again. */
  declare isLast: boolean
  declare runtime: BrowserRuntime
  declare origin: string
  declare viewer: Me['principal'] | null

  constructor() {
    super()
    // "Try again" goes away with the message that it says again.
    new FocusKeeper(this, () => announce(this, 'countersign-conversation-wanted', null))
  }

  /** The questions of this turn, open and closed. */
  get cards(): readonly QuestionCard[] {
    return Array.from(this.renderRoot.querySelectorAll<QuestionCard>('countersign-question-card'))
  }

  override render(): TemplateResult {
    const { text, items } = this.turn
    return html`<div class="said">
        <h2 class="visually-hidden">You said:</h2>
        <p dir="auto">${text}</p>
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
        return html`<countersign-question-card
          .asked=${group}
          .runtime=${this.runtime}
          .origin=${this.origin}
          .viewer=${this.viewer}
        ></countersign-question-card>`
    }
  }

  #foot(): TemplateResult | typeof nothing {
    const { end, rejection, runId, isStopping, items } = this.turn
    if (rejection !== null) return this.#notice(`This message was not accepted. ${rejection}`, 'failed')
    if (end !== null) return this.#notice(end.sentence ?? (end.state === 'cancelled' ? 'Stopped.' : null), end.state)
    if (isStopping) return working('Stopping')
    if (runId === null) return working('Sending')
    return isAtRest(items) ? working('Working') : nothing
  }

  #notice(sentence: string | null, state: RunEnd): TemplateResult | typeof nothing {
    if (sentence === null) return nothing
    const isFailure = state === 'failed'
    return html`<countersign-notice .tone=${isFailure ? 'failed' : 'plain'} .text=${sentence}>
      ${isFailure && this.isLast ? html`<button class="again" @click=${this.#again}>${icon('retry')}Try again</button>` : nothing}
      ${isFailure && this.turn.runId !== null ? this.#reference(this.turn.runId) : nothing}
    </countersign-notice>`
  }

  /** What the operator needs to find it in the log. */
  #reference(runId: string): TemplateResult {
    return html`<details class="reference">
      <summary>Details</summary>
      <p>Run <code>${runId}</code></p>
    </details>`
  }

  #again(): void {
    announce(this, 'countersign-say', { text: this.turn.text })
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
function isAtRest(items: readonly TurnItem[]): boolean {
  const last = items.at(-1)
  const isTalking = last?.kind === 'reply' && last.text !== '' && !last.isComplete
  return !isTalking && !items.some(isUnderWay)
}

function isUnderWay(item: TurnItem): boolean {
  if (item.kind === 'question') return item.end === null
  return item.kind === 'step' && item.endedAt === null
}

function working(word: string): TemplateResult {
  return html`<p class="working">
    <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${word}…
  </p>`
}
