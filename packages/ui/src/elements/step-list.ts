import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Step } from '../client/chat-state.ts'
import { base, controls } from '../theme.ts'
import type { ToolStep } from './tool-step.ts'

/** From so many on, opening them one by one is a chore. */
const MANY = 3

/** The tool calls that followed one another, each to open on its own, many of them together. */
export class StepList extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        border: 1px solid var(--cs-line);
        border-radius: var(--cs-radius);
      }
      ul {
        margin: 0;
        padding: 0.25rem;
        list-style: none;
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: center;
        padding: 0.35rem 0.85rem;
        border-block-end: 1px solid var(--cs-line);
        color: var(--cs-muted);
        font-size: 0.875rem;
      }
    `,
  ]
  static override properties = { steps: { attribute: false }, isOpen: { state: true } }

  declare steps: readonly Step[]
  declare isOpen: boolean

  constructor() {
    super()
    this.isOpen = false
  }

  override render(): TemplateResult {
    const { steps, isOpen } = this
    return html`${
        steps.length < MANY
          ? nothing
          : html`<header>
              <span>${steps.length} steps</span>
              <button class="link" @click=${this.#toggleAll}>${isOpen ? 'Close all' : 'Open all'}</button>
            </header>`
      }
      <ul aria-label="Steps">
        ${repeat(
          steps,
          ({ id }) => id,
          (step) => html`<li><countersign-tool-step .step=${step}></countersign-tool-step></li>`,
        )}
      </ul>`
  }

  #toggleAll(): void {
    this.isOpen = !this.isOpen
    for (const step of this.renderRoot.querySelectorAll<ToolStep>('countersign-tool-step')) step.toggle(this.isOpen)
  }
}
