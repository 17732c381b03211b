/** The one style sheet: system fonts, light and dark, fits 360 px, text contrast of at least 4.5:1. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --surface: #ffffff; --text: #1b1f24; --muted: #57606a; --line: #d5d9df; --edge: #6b7280;
  --accent: #1d4ed8; --accent-hover: #1e40af; --on-accent: #ffffff; --error: #b42318; --soft: #eef2ff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151a; --surface: #1b2027; --text: #e6e9ed; --muted: #a4adb9; --line: #343b45; --edge: #8b949e;
    --accent: #8ab4ff; --accent-hover: #adc9ff; --on-accent: #0f1b33; --error: #ff9c8f; --soft: #222c3d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 0 1rem 2rem; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { width: 100%; max-width: 30rem; }
header { padding-top: clamp(1.5rem, 8vh, 5rem); }
.brand { display: flex; align-items: center; gap: .6rem; margin: 0 0 1rem; font-weight: 600; }
.mark { width: 1.1rem; height: 1.1rem; border-radius: .3rem; background: linear-gradient(135deg, var(--accent) 50%, var(--edge) 50%); }
main { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1.75rem 1.5rem; overflow-wrap: anywhere; }
footer { color: var(--muted); font-size: .85rem; padding-top: .9rem; }
h1 { margin: 0 0 .75rem; font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; }
p { margin: 0 0 1rem; }
main > :last-child, .panel > :last-child { margin-bottom: 0; }
.muted { color: var(--muted); }
.error { color: var(--error); font-weight: 600; }
.panel { background: var(--soft); border-radius: .5rem; padding: .85rem 1rem; margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input[type="text"] {
  width: 100%; font: inherit; color: inherit; background: var(--ground); padding: .6rem .75rem;
  border: 1px solid var(--edge); border-radius: .5rem; margin-bottom: 1.25rem;
}
input[aria-invalid="true"] { border-color: var(--error); }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
button {
  font: inherit; font-weight: 600; padding: .65rem 1rem; border-radius: .5rem; border: 1px solid var(--accent);
  background: var(--accent); color: var(--on-accent); cursor: pointer;
}
button:hover { background: var(--accent-hover); border-color: var(--accent-hover); }
button.plain { background: transparent; color: var(--accent); }
button.plain:hover { background: var(--soft); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
ul { margin: 0 0 1.25rem; padding-left: 1.2rem; }
li { margin-bottom: .5rem; }
dl { margin: 0; }
dt { font-weight: 600; margin-top: .75rem; }
dd { margin: 0; color: var(--muted); font-size: .92rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .88em; }
`
