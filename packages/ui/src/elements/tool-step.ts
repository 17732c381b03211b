import type { JsonValue } from '@countersign/core/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { Step, StepStatus } from '../client/chat-state.ts'
import { icon, type IconName } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { stepStyles } from './step-styles.ts'
import { durationWords } from './time-words.ts'

/** More of a payload than this would make the page slow; the rest is shown on request. */
const PAYLOAD_LIMIT = 20_000

/** One call of a tool: its name, how it stands and how long it took; opened, what went in and what came out. */
export class ToolStep extends LitElement {
  static override styles = [base, controls, stepStyles]
  static override properties = { step: { attribute: false }, shown: { state: true } }

  declare step: Step
  /** The payloads the person asked to see whole. */
  declare shown: ReadonlySet<string>

  constructor() {
    super()
    this.shown = new Set()
  }

  /** Opens or closes it. */
  toggle(isOpen: boolean): void {
    const details = this.renderRoot.querySelector('details')
    if (details !== null) details.open = isOpen
  }

  override render(): TemplateResult {
    const { tool, status, input, output, progress, startedAt, endedAt } = this.step
    return html`<details class=${status}>
      <summary>
        <span class="chevron">${icon('chevron')}</span>
        <span class="status">${icon(STATUS_ICON[status])}</span>
        <code>${tool}</code>
        <span class="word">${STATUS_WORD[status]}</span>
        ${endedAt === null ? nothing : html`<span class="muted">${durationWords(endedAt - startedAt)}</span>`}
      </summary>
      <div class="payload">
        ${this.#payload('Input', input)} ${progress.length === 0 ? nothing : this.#payload('Progress', progress.join('\n'))}
        ${output === undefined ? nothing : this.#payload('Output', output)}
      </div>
    </details>`
  }

  #payload(name: string, value: JsonValue): TemplateResult {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    const isCut = text.length > PAYLOAD_LIMIT && !this.shown.has(name)
    return html`<div>
      <p class="label" aria-hidden="true">${name}</p>
      <pre tabindex="0" role="region" aria-label="${name} of ${this.step.tool}">${isCut ? text.slice(0, PAYLOAD_LIMIT) : text}</pre>
      ${isCut ? html`<button class="link" @click=${() => this.#show(name)}>Show all ${sizeWords(text)}</button>` : nothing}
    </div>`
  }

  #show(name: string): void {
    this.shown = new Set([...this.shown, name])
  }
}

function sizeWords(text: string): string {
  return `${Math.ceil(text.length / 1000)} kB`
}

const STATUS_ICON: Readonly<Record<StepStatus, IconName>> = {
  running: 'running',
  waiting: 'clock',
  asking: 'device',
  ok: 'ok',
  refused: 'refused',
  failed: 'failed',
  cancelled: 'cancelled',
}

const STATUS_WORD: Readonly<Record<StepStatus, string>> = {
  running: 'running',
  waiting: 'waiting for you',
  asking: 'asking on another device',
  ok: 'done',
  refused: 'refused',
  failed: 'failed',
  cancelled: 'stopped',
}
