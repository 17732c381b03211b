import { css } from 'lit'

/** The layout of the whole chat. */
export const chatStyles = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    grid-template-columns: minmax(0, 1fr);
    block-size: 100%;
    min-block-size: 20rem;
    background: var(--cs-bg);
    color: var(--cs-text);
    font-family: var(--cs-font);
    font-size: 1rem;
    line-height: 1.4;
  }
  .shortened {
    margin: 0;
    color: var(--cs-muted);
    font-size: 0.875rem;
    text-align: center;
  }
  footer {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.5rem;
    inline-size: 100%;
    max-inline-size: var(--cs-column);
    margin-inline: auto;
    padding: 0.25rem 1rem max(0.75rem, env(safe-area-inset-bottom));
  }
`
