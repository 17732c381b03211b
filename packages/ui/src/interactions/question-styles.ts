import { css } from 'lit'

/** The layout shared by the controls of all kinds of question. */
export const questionStyles = css`
  form,
  .stack {
    display: grid;
    gap: 1rem;
  }
  fieldset {
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    border: 0;
    display: grid;
    gap: 0.25rem;
  }
  legend {
    padding: 0;
    margin-block-end: 0.25rem;
    color: var(--cs-muted);
  }
  label.field {
    display: grid;
    gap: 0.35rem;
    color: var(--cs-muted);
  }
  label.option {
    display: flex;
    gap: 0.75rem;
    padding: 0.6rem 0.75rem;
    border: 1px solid var(--cs-line);
    border-radius: 8px;
    cursor: pointer;
  }
  label.option:hover {
    background: var(--cs-raised);
  }
  label.option:has(:checked) {
    border-color: var(--cs-accent);
    background: var(--cs-accent-soft);
  }
  label.option .description {
    display: block;
    color: var(--cs-muted);
    font-size: 0.9em;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  dl {
    display: grid;
    grid-template-columns: minmax(5rem, max-content) 1fr;
    gap: 0.35rem 1rem;
    margin: 0;
    padding: 0.75rem 1rem;
    border: 1px solid var(--cs-line);
    border-radius: 8px;
    background: var(--cs-bg);
  }
  dt {
    color: var(--cs-muted);
  }
  dd {
    margin: 0;
    white-space: pre-wrap;
  }
  ul {
    margin: 0.4rem 0 0;
    padding: 0;
    list-style: none;
    display: grid;
    gap: 0.35rem;
  }
  li {
    display: flex;
    gap: 0.5rem;
    align-items: center;
  }
  li svg {
    color: var(--cs-ok);
    inline-size: 1rem;
    block-size: 1rem;
  }
  .risk {
    text-transform: capitalize;
  }
  .risk.medium {
    color: var(--cs-warn);
    font-weight: 600;
  }
  .risk.high {
    color: var(--cs-danger);
    font-weight: 600;
  }
  .note {
    display: grid;
    gap: 0.5rem;
    justify-items: start;
    padding: 0.75rem 1rem;
    border: 1px solid transparent;
    border-radius: 8px;
    background: var(--cs-raised);
  }
  .note.warn {
    background: var(--cs-warn-soft);
  }
  .waiting {
    display: flex;
    align-items: center;
    gap: 0.6rem;
  }
  .waiting svg {
    color: var(--cs-accent);
    animation: turn 1.4s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  pre {
    margin: 0;
    overflow-x: auto;
    padding: 0.75rem 1rem;
    border-radius: 8px;
    background: var(--cs-raised);
    font-family: var(--cs-mono);
    font-size: 0.85em;
    white-space: pre-wrap;
  }
  @media (max-width: 30rem) {
    dl {
      grid-template-columns: 1fr;
      gap: 0.1rem;
    }
    dd + dt {
      margin-block-start: 0.5rem;
    }
    .actions > button {
      flex: 1 1 auto;
    }
  }
`
