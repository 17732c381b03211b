import { css } from 'lit'

/** How a question looks in the transcript, open and closed. */
export const cardStyles = css`
  section {
    display: grid;
    gap: 0.85rem;
    padding: 1rem 1.25rem 1.25rem;
    border: 1px solid color-mix(in srgb, var(--cs-accent) 45%, var(--cs-line));
    border-radius: var(--cs-radius);
    background: var(--cs-surface);
    box-shadow: 0 1px 3px rgb(0 0 0 / 8%);
  }
  header {
    display: flex;
    align-items: start;
    gap: 0.6rem;
  }
  header > svg {
    margin-block-start: 0.08rem;
    color: var(--cs-accent);
  }
  section:has(h3:focus-visible) {
    outline: 2px solid var(--cs-focus);
    outline-offset: -1px;
  }
  h3 {
    flex: 1;
    min-inline-size: 0;
    font-size: 1.05rem;
    line-height: 1.35;
    font-weight: 600;
  }
  .deadline {
    display: inline-flex;
    align-self: start;
    margin-block-start: 0.1rem;
    align-items: center;
    gap: 0.35rem;
    color: var(--cs-muted);
    font-size: 0.9rem;
    font-variant-numeric: tabular-nums;
  }
  .deadline svg {
    inline-size: 1rem;
    block-size: 1rem;
  }
  .deadline.soon {
    color: var(--cs-warn);
  }
  .text {
    line-height: 1.5;
    white-space: pre-wrap;
  }
  .again {
    color: var(--cs-muted);
  }
  .problem {
    display: flex;
    gap: 0.6rem;
    padding: 0.75rem 1rem;
    border: 1px solid transparent;
    border-radius: var(--cs-radius-small);
    background: var(--cs-danger-soft);
    color: var(--cs-danger);
  }
  @media (max-width: 30rem) {
    section {
      padding: 0.85rem 1rem 1rem;
    }
  }
`
