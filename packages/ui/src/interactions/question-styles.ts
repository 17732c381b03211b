import { css } from 'lit'

/** The layout shared by the controls of all kinds of question. */
export const questionStyles = css`
  .wish > p {
    margin-block-end: 0.4rem;
  }
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
    border-radius: var(--cs-radius-small);
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
  .verdict {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    gap: 0.5rem;
  }
  .reason summary {
    inline-size: fit-content;
    padding-block: 0.25rem;
    color: var(--cs-muted);
    cursor: pointer;
  }
  .reason .field {
    margin-block: 0.5rem 0.35rem;
  }
  .note {
    display: grid;
    gap: 0.5rem;
    justify-items: start;
    padding: 0.75rem 1rem;
    border: 1px solid transparent;
    border-radius: var(--cs-radius-small);
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
    border-radius: var(--cs-radius-small);
    background: var(--cs-raised);
    font-family: var(--cs-mono);
    font-size: 0.85em;
    white-space: pre-wrap;
  }
  @media (max-width: 30rem) {
    .actions > button {
      flex: 1 1 auto;
    }
    .verdict {
      grid-template-columns: minmax(0, 1fr);
      flex-basis: 100%;
    }
  }
`
