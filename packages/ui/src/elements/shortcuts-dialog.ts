import { css, html, LitElement, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'

/** What the keyboard can do here. */
export class ShortcutsDialog extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      dialog {
        inline-size: min(26rem, calc(100vw - 2rem));
        padding: 0;
        border: 1px solid var(--cs-line);
        border-radius: var(--cs-radius);
        background: var(--cs-surface);
        color: var(--cs-text);
        box-shadow: 0 12px 40px rgb(0 0 0 / 20%);
      }
      dialog::backdrop {
        background: rgb(10 14 12 / 38%);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: 0.5rem 0.75rem 0.5rem 1.25rem;
        border-block-end: 1px solid var(--cs-line);
      }
      h2 {
        font-size: 1.05rem;
        font-weight: 650;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 0.75rem 1.25rem;
        margin: 0;
        padding: 1.25rem;
      }
      dt {
        display: flex;
        gap: 0.25rem;
        align-items: center;
      }
      dd {
        margin: 0;
        line-height: 1.5;
      }
      kbd {
        min-inline-size: 1.75rem;
        padding: 0.1rem 0.45rem;
        border: 1px solid var(--cs-line-strong);
        border-radius: 5px;
        background: var(--cs-raised);
        font-family: inherit;
        font-size: 0.85rem;
        text-align: center;
      }
    `,
  ]

  /** Opens it; the focus returns to where it was when it is closed. */
  async show(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector('dialog')?.showModal()
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @click=${this.#onClick}>
      <header>
        <h2 id="title" tabindex="-1" autofocus>Keyboard</h2>
        <button class="quiet icon" aria-label="Close" title="Close" @click=${this.#close}>${icon('refused')}</button>
      </header>
      <dl>
        ${SHORTCUTS.map(
          ([keys, what]) =>
            html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
              <dd>${what}</dd>`,
        )}
      </dl>
    </dialog>`
  }

  #close(): void {
    this.renderRoot.querySelector('dialog')?.close()
  }

  /** A press beside the dialog closes it. */
  #onClick(event: MouseEvent): void {
    if (event.target === event.currentTarget) this.#close()
  }
}

const SHORTCUTS: readonly (readonly [readonly string[], string])[] = [
  [['Enter'], 'Send the message. It never answers a question of the assistant.'],
  [['Shift', 'Enter'], 'Begin a new line'],
  [['↑'], 'In an empty message: what you said last, to say it in other words'],
  [['Esc'], 'In the message: stop what the assistant is doing. Elsewhere: close what is open'],
  [['F6'], 'Move between the message, the open questions and the conversation'],
  [['?'], 'Show this list'],
]
