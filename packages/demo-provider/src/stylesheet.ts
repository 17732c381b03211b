/** The one style sheet: system fonts, light and dark, fits 360 px, text contrast of at least 4.5:1. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --surface: #ffffff; --text: #1b1f24; --muted: #57606a; --line: #d5d9df; --edge: #6b7280;
  --accent: #1d4ed8; --accent-hover: #1e40af; --on-accent: #ffffff; --error: #b42318; --soft: #eef2ff; --warn: #b45309; --frame: #1b1f24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151a; --surface: #1b2027; --text: #e6e9ed; --muted: #a4adb9; --line: #343b45; --edge: #8b949e;
    --accent: #8ab4ff; --accent-hover: #adc9ff; --on-accent: #0f1b33; --error: #ff9c8f; --soft: #222c3d; --warn: #f5b14c; --frame: #4a5361;
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
.warning { border-left: .25rem solid var(--warn); background: var(--soft); border-radius: .25rem; padding: .75rem 1rem; }
.binding {
  font-size: clamp(1.5rem, 8vw, 2.1rem); line-height: 1.2; font-weight: 700; text-align: center; letter-spacing: .01em;
  background: var(--soft); border: 2px solid var(--accent); border-radius: .75rem; padding: 1.1rem .75rem; margin: 0 0 .75rem;
}
.details dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }
.details dt { margin: 0; font-weight: 400; color: var(--muted); }
.details dd { color: var(--text); font-size: 1rem; font-weight: 600; }
.details p { margin-bottom: .5rem; }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; }
legend { font-weight: 600; padding: 0; margin-bottom: .25rem; }
label.scope { display: grid; grid-template-columns: 1.5rem 1fr; gap: .6rem; align-items: start; font-weight: 400; padding: .6rem 0; margin: 0; }
label.scope + label.scope { border-top: 1px solid var(--line); }
input[type="checkbox"] { width: 1.35rem; height: 1.35rem; margin: .1rem 0 0; accent-color: var(--accent); }
input.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 1.5rem; letter-spacing: .12em; text-align: center; text-transform: uppercase; }
.earlier { list-style: none; padding: 0; }
.earlier li { border-top: 1px solid var(--line); padding: .6rem 0; margin: 0; color: var(--muted); }
.earlier strong { color: var(--text); }
time { font-variant-numeric: tabular-nums; font-weight: 600; color: var(--text); }
summary { cursor: pointer; color: var(--accent); }
.request { border-bottom: 1px solid var(--line); padding-bottom: 1.5rem; margin-bottom: 1.5rem; }
.request h2 { margin-top: 0; }
.phone button { min-height: 2.75rem; }
.phone header { padding-top: clamp(.75rem, 4vh, 2.5rem); }
@media (max-width: 32rem) {
  .phone { padding: 0 0 1rem; background: var(--surface); }
  .phone main { border: 0; border-radius: 0; padding: .5rem 1.25rem 1.25rem; }
  .phone header, .phone footer { padding-left: 1.25rem; padding-right: 1.25rem; }
}
@media (min-width: 32.01rem) {
  .phone header, .phone main, .phone footer { max-width: 25rem; }
  .phone main { border: .55rem solid var(--frame); border-radius: 2.2rem; padding: 1.75rem 1.4rem; min-height: 38rem; box-shadow: 0 1rem 2.5rem rgb(0 0 0 / .18); }
}
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .88em; }
`
