import { css } from 'lit'

/** How a tool call looks. */
export const stepStyles = css`
  :host {
    font-size: 0.92rem;
  }
  summary {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: 0.5rem;
    min-block-size: 2.25rem;
    padding: 0.25rem 0.5rem;
    border-radius: 8px;
    cursor: pointer;
    list-style: none;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary:hover {
    background: var(--cs-raised);
  }
  summary svg {
    inline-size: 1rem;
    block-size: 1rem;
  }
  .chevron {
    color: var(--cs-muted);
    transition: rotate 120ms;
  }
  details[open] .chevron {
    rotate: 90deg;
  }
  .word {
    color: var(--cs-muted);
  }
  .ok .status {
    color: var(--cs-ok);
  }
  .failed .status,
  .failed .word,
  .refused .status,
  .refused .word {
    color: var(--cs-danger);
  }
  :is(.waiting, .asking) .status,
  :is(.waiting, .asking) .word {
    color: var(--cs-warn);
  }
  .running .status svg {
    color: var(--cs-accent);
    animation: turn 1.4s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  .payload {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.75rem;
    padding: 0.5rem 0.5rem 0.75rem 2rem;
  }
  .label {
    margin-block-end: 0.25rem;
    color: var(--cs-muted);
    font-size: 0.85rem;
  }
  pre {
    margin: 0;
    max-block-size: 20rem;
    overflow: auto;
    padding: 0.6rem 0.75rem;
    border: 1px solid var(--cs-line);
    border-radius: 8px;
    background: var(--cs-bg);
    font-family: var(--cs-mono);
    font-size: 0.85em;
    line-height: 1.45;
    white-space: pre-wrap;
  }
  @media (pointer: coarse) {
    summary {
      min-block-size: 2.75rem;
    }
  }
`
