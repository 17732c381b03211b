import { css } from 'lit'

/** How a turn looks. */
export const turnStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1rem;
  }
  .said {
    justify-self: end;
    max-inline-size: min(85%, 36rem);
    padding: 0.65rem 1rem;
    border: 1px solid transparent;
    border-radius: 16px 16px 4px 16px;
    background: var(--cs-accent-soft);
    line-height: 1.5;
  }
  .said p {
    white-space: pre-wrap;
  }
  .reference {
    flex-basis: 100%;
    color: var(--cs-muted);
    font-size: 0.9rem;
  }
  .reference summary {
    inline-size: fit-content;
    padding-block: 0.2rem;
    cursor: pointer;
  }
  .working {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    color: var(--cs-muted);
    font-size: 0.95rem;
  }
  .dots {
    display: inline-flex;
    gap: 0.25rem;
  }
  i {
    inline-size: 0.4rem;
    block-size: 0.4rem;
    border-radius: 50%;
    background: var(--cs-accent);
    animation: breathe 1.2s ease-in-out infinite;
  }
  i:nth-child(2) {
    animation-delay: 0.15s;
  }
  i:nth-child(3) {
    animation-delay: 0.3s;
  }
  @keyframes breathe {
    0%,
    60%,
    100% {
      opacity: 0.3;
    }
    30% {
      opacity: 1;
    }
  }
`
