import { css } from 'lit'

/** The design tokens, light and dark by the inherited `color-scheme`; a page may set any of them on `<countersign-chat>`. */
export const tokens = css`
  :host {
    color-scheme: light dark;
    --cs-bg: light-dark(#fafaf8, #131513);
    --cs-surface: light-dark(#ffffff, #1b1e1b);
    --cs-raised: light-dark(#f0f1ed, #262a26);
    --cs-line: light-dark(#dfe1db, #343934);
    --cs-line-strong: light-dark(#868c84, #7c857c);
    --cs-text: light-dark(#1a1d1a, #e8ebe7);
    --cs-muted: light-dark(#5a605a, #a6aea6);
    --cs-accent: light-dark(#1c5f4e, #86d3b9);
    --cs-on-accent: light-dark(#ffffff, #0c1f18);
    --cs-accent-soft: light-dark(#e4f0ec, #1d322b);
    --cs-ok: light-dark(#1e6b3a, #86d69b);
    --cs-warn: light-dark(#7a4b00, #f0c36c);
    --cs-warn-soft: light-dark(#fdf3dd, #2f2716);
    --cs-danger: light-dark(#a3232a, #ffa19b);
    --cs-danger-soft: light-dark(#fcebea, #3a1f1e);
    --cs-focus: light-dark(#1d5fd1, #93bbff);
    --cs-ok-soft: light-dark(#e5f3e9, #1c3021);
    --cs-radius: 12px;
    --cs-radius-small: 8px;
    --cs-font: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
    --cs-mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace;
    --cs-column: 46rem;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
`

/** What every element of the chat starts from. */
export const base = css`
  :host {
    display: block;
    box-sizing: border-box;
    overflow-wrap: anywhere;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p {
    margin: 0;
  }
  :focus-visible {
    outline: 2px solid var(--cs-focus);
    outline-offset: 2px;
    border-radius: 4px;
  }
  h2:focus-visible,
  h3:focus-visible {
    outline: none;
  }
  svg {
    display: block;
    inline-size: 1.25rem;
    block-size: 1.25rem;
    flex: none;
  }
  code {
    font-family: var(--cs-mono);
    font-size: 0.9em;
  }
  .muted {
    color: var(--cs-muted);
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    svg {
      color: inherit !important;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`

/** Buttons, fields and links. */
export const controls = css`
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-block-size: 2.5rem;
    padding: 0.4rem 1rem;
    border: 1px solid var(--cs-line-strong);
    border-radius: 8px;
    background: var(--cs-surface);
    color: var(--cs-text);
    font: inherit;
    font-weight: 500;
    line-height: 1.25;
    text-decoration: none;
    cursor: pointer;
    transition: background-color 120ms;
  }
  button:hover:not(:disabled),
  .button:hover {
    background: var(--cs-raised);
  }
  button.primary,
  .button.primary {
    border-color: var(--cs-accent);
    background: var(--cs-accent);
    color: var(--cs-on-accent);
  }
  button.primary:hover:not(:disabled),
  .button.primary:hover {
    background: color-mix(in srgb, var(--cs-accent) 88%, var(--cs-text));
  }
  button.strong {
    border-color: var(--cs-text);
    background: var(--cs-text);
    color: var(--cs-bg);
  }
  button.strong:hover:not(:disabled) {
    background: color-mix(in srgb, var(--cs-text) 86%, var(--cs-bg));
  }
  button.danger {
    border-color: var(--cs-danger);
    background: var(--cs-danger);
    color: var(--cs-bg);
  }
  button.danger:hover:not(:disabled) {
    background: color-mix(in srgb, var(--cs-danger) 86%, var(--cs-text));
  }
  button.quiet {
    border-color: transparent;
    background: transparent;
  }
  button.quiet:hover:not(:disabled) {
    background: var(--cs-raised);
  }
  button.icon {
    inline-size: 2.5rem;
    padding: 0;
  }
  button.link {
    min-block-size: 1.5rem;
    padding: 0;
    border: 0;
    background: none;
    color: var(--cs-accent);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  button:disabled,
  button[aria-disabled='true'] {
    cursor: default;
    opacity: 0.6;
  }
  a {
    color: var(--cs-accent);
    text-underline-offset: 2px;
  }
  input[type='text'],
  textarea,
  select {
    inline-size: 100%;
    min-block-size: 2.5rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--cs-line-strong);
    border-radius: 8px;
    background: var(--cs-surface);
    color: var(--cs-text);
    font: inherit;
  }
  ::placeholder {
    color: var(--cs-muted);
    opacity: 1;
  }
  input[type='radio'],
  input[type='checkbox'] {
    inline-size: 1.15rem;
    block-size: 1.15rem;
    margin: 0.15rem 0 0;
    flex: none;
    accent-color: var(--cs-accent);
  }
  @media (pointer: coarse) {
    button,
    .button,
    input[type='text'],
    select {
      min-block-size: 2.75rem;
    }
    button.icon {
      inline-size: 2.75rem;
    }
    button.link {
      min-block-size: 2.75rem;
    }
  }
`
