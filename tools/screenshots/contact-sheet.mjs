/**
 * One page that shows all pictures: a row for each state, a column for each view.
 *
 * @param {readonly { scene: string, view: string, file: string }[]} pictures
 */
export function contactSheet(pictures) {
  const scenes = [...new Set(pictures.map(({ scene }) => scene))]
  const rows = scenes.map((scene) => {
    const cells = pictures
      .filter((picture) => picture.scene === scene)
      .map(
        ({ view, file }) =>
          `<figure><a href="${file}"><img src="${file}" alt="${scene}, ${view}" loading="lazy"></a><figcaption>${view}</figcaption></figure>`,
      )
    return `<section id="${scene}"><h2>${scene}</h2><div>${cells.join('')}</div></section>`
  })
  return `<!doctype html>
<meta charset="utf-8">
<title>Countersign, every state</title>
<style>
  body { margin: 2rem; background: #777; font: 1rem system-ui, sans-serif; }
  h2 { color: #fff; }
  div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: start; }
  figure { margin: 0; }
  img { display: block; height: 22rem; }
  figcaption { color: #eee; }
</style>
${rows.join('\n')}
`
}
