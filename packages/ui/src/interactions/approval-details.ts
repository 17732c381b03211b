import type { ApprovalDetails, JsonValue } from '@countersign/core/protocol'
import { css, html, nothing, type TemplateResult } from 'lit'

/** What is approved: the action, each of its arguments as it is, and the risk it is said to carry. */
export function approvalDetails({ tool, arguments: args, risk }: ApprovalDetails): TemplateResult {
  return html`<dl>
    <dt>Action</dt>
    <dd><code>${tool}</code></dd>
    ${Object.entries(args).map(
      ([name, value]) =>
        html`<dt><bdi>${name}</bdi></dt>
          <dd><bdi>${argumentText(value)}</bdi></dd>`,
    )}
    ${
      risk === undefined
        ? nothing
        : html`<dt>Risk</dt>
            <dd><span class="risk ${risk}">${risk}</span></dd>`
    }
  </dl>`
}

/** What fits a line is easier to compare on one. */
const LINE_LIMIT = 60

function argumentText(value: JsonValue): string {
  if (typeof value === 'string') return value
  const line = JSON.stringify(value)
  return line.length <= LINE_LIMIT ? line : JSON.stringify(value, null, 2)
}

/** How the details look, in an open card and in the record. */
export const approvalStyles = css`
  dl {
    display: grid;
    grid-template-columns: fit-content(40%) minmax(0, 1fr);
    gap: 0.4rem 1.25rem;
    margin: 0;
    padding: 0.75rem 1rem;
    border: 1px solid var(--cs-line);
    border-radius: var(--cs-radius-small);
    background: var(--cs-bg);
  }
  dt {
    color: var(--cs-muted);
  }
  dd {
    margin: 0;
    white-space: pre-wrap;
  }
  .risk {
    display: inline-block;
    padding-inline: 0.55rem;
    border-radius: 99px;
    background: var(--cs-raised);
    font-size: 0.9rem;
    font-weight: 600;
  }
  .risk::first-letter {
    text-transform: uppercase;
  }
  .risk.medium {
    background: var(--cs-warn-soft);
    color: var(--cs-warn);
  }
  .risk.high {
    background: var(--cs-danger-soft);
    color: var(--cs-danger);
  }
`
