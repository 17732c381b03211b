import { css } from 'lit'

/** How the account's panel looks: a sheet at the side, the whole width of a phone. */
export const accountStyles = css`
  dialog {
    inline-size: min(28rem, 100vw);
    max-inline-size: none;
    block-size: 100dvh;
    max-block-size: none;
    margin: 0 0 0 auto;
    padding: 0;
    border: 0;
    border-inline-start: 1px solid var(--cs-line);
    background: var(--cs-bg);
    color: var(--cs-text);
    box-shadow: -8px 0 32px rgb(0 0 0 / 14%);
    overflow: auto;
    overscroll-behavior: contain;
  }
  dialog::backdrop {
    background: rgb(10 14 12 / 38%);
  }
  header {
    position: sticky;
    z-index: 1;
    inset-block-start: 0;
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 0.5rem 0.75rem 0.5rem 1.25rem;
    border-block-end: 1px solid var(--cs-line);
    background: var(--cs-surface);
  }
  .outcome:focus-visible {
    outline: none;
  }
  h2 {
    font-size: 1.05rem;
    font-weight: 650;
  }
  h3 {
    font-size: 0.95rem;
    font-weight: 650;
  }
  h4 {
    margin: 0;
    font-size: 1rem;
    font-weight: 600;
  }
  .body {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.75rem;
    padding: 1.25rem 1.25rem max(2rem, env(safe-area-inset-bottom));
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.65rem;
  }
  .who {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.15rem 0.85rem;
    align-items: center;
  }
  .who .initials {
    grid-row: span 2;
  }
  .who strong {
    font-size: 1.1rem;
    font-weight: 650;
  }
  .who + p,
  .hint {
    color: var(--cs-muted);
    line-height: 1.5;
  }
  ul {
    display: grid;
    gap: 0.65rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .item {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.6rem;
    padding: 0.9rem 1rem;
    border: 1px solid var(--cs-line);
    border-radius: var(--cs-radius);
    background: var(--cs-surface);
  }
  .item p {
    color: var(--cs-muted);
    font-size: 0.9rem;
  }
  .sessions {
    gap: 0;
    border: 1px solid var(--cs-line);
    border-radius: var(--cs-radius);
    background: var(--cs-surface);
  }
  .session {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    padding: 0.8rem 1rem;
  }
  .session + .session {
    border-block-start: 1px solid var(--cs-line);
  }
  .session > button {
    flex: none;
  }
  .session p {
    color: var(--cs-muted);
    font-size: 0.9rem;
  }
  .here {
    color: var(--cs-ok);
    font-size: 0.9rem;
    font-weight: 600;
    white-space: nowrap;
  }
  .outcome {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem 0.75rem;
    padding: 0.75rem 1rem;
    border: 1px solid transparent;
    border-radius: var(--cs-radius-small);
    background: var(--cs-ok-soft);
    line-height: 1.45;
  }
  .outcome span {
    flex: 1 1 12rem;
  }
  .outcome.warn {
    background: var(--cs-warn-soft);
  }
  .outcome.failed {
    background: var(--cs-danger-soft);
  }
  .end {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.6rem 1rem;
  }
  .end countersign-confirm[asking] {
    flex-basis: 100%;
  }
  .actions {
    display: grid;
    gap: 0.6rem;
    justify-items: start;
  }
  @media (max-width: 30rem) {
    dialog {
      border: 0;
    }
  }
`
