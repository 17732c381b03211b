import { css } from 'lit'

/** How the text of an answer looks. */
export const markdownStyles = css`
  .body {
    line-height: 1.6;
  }
  .body > div {
    margin-block: 0.75em;
  }
  .body > div:first-child {
    margin-block-start: 0;
  }
  .body > div:last-child {
    margin-block-end: 0;
  }
  p,
  ul,
  ol,
  pre,
  blockquote,
  table {
    margin: 0;
  }
  h3,
  h4,
  h5,
  h6 {
    margin: 1.2em 0 0;
    font-size: 1.05em;
    line-height: 1.3;
  }
  h3 {
    font-size: 1.2em;
  }
  .body > div:first-child > h3 {
    margin-block-start: 0;
  }
  ul,
  ol {
    padding-inline-start: 1.5em;
  }
  li + li {
    margin-block-start: 0.25em;
  }
  li > p + p,
  blockquote > * + * {
    margin-block-start: 0.5em;
  }
  code {
    padding: 0.1em 0.3em;
    border-radius: 4px;
    background: var(--cs-raised);
  }
  pre {
    overflow-x: auto;
    padding: 0.75rem 1rem;
    border: 1px solid var(--cs-line);
    border-radius: var(--cs-radius-small);
    background: var(--cs-raised);
    line-height: 1.45;
  }
  pre code {
    padding: 0;
    background: none;
    overflow-wrap: normal;
  }
  blockquote {
    padding-inline-start: 1rem;
    border-inline-start: 3px solid var(--cs-line);
    color: var(--cs-muted);
  }
  hr {
    border: 0;
    border-block-start: 1px solid var(--cs-line);
  }
  .table {
    inline-size: fit-content;
    max-inline-size: 100%;
    overflow-x: auto;
    border: 1px solid var(--cs-line);
    border-radius: var(--cs-radius-small);
  }
  table {
    border-collapse: collapse;
    overflow-wrap: normal;
  }
  th,
  td {
    padding: 0.45rem 0.9rem;
    text-align: start;
    vertical-align: top;
  }
  tr + tr > *,
  tbody > tr:first-child > * {
    border-block-start: 1px solid var(--cs-line);
  }
  th {
    background: var(--cs-raised);
    font-weight: 600;
  }
  .host {
    color: var(--cs-muted);
    font-size: 0.9em;
    unicode-bidi: isolate;
  }
`
