const module = (await import(new URL('../../packages/server/dist/app.js', import.meta.url).href)) as typeof import('../../packages/server/src/app.ts')
console.log(typeof module.createApp)
