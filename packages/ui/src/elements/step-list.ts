import { css, html, LitElement, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Step } from '../client/chat-state.ts'
import { base } from '../theme.ts'

/** The tool calls that followed one another, each to open on its own. */
export class StepList extends LitElement {
  static override styles = [
    base,
    css`
      ul {
        margin: 0;
        padding: 0.25rem;
        border: 1px solid var(--cs-line);
        border-radius: var(--cs-radius);
        list-style: none;
      }
    `,
  ]
  static override properties = { steps: { attribute: false } }

  declare steps: readonly Step[]

  override render(): TemplateResult {
    return html`<ul aria-label="Steps">
      ${repeat(
        this.steps,
        ({ id }) => id,
        (step) => html`<li><countersign-tool-step .step=${step}></countersign-tool-step></li>`,
      )}
    </ul>`
  }
}
