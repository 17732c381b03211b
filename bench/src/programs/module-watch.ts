/** Preloaded with `--import`: writes down the address of each ES module that is loaded, a line each, into the file named in the environment. */
import { register } from 'node:module'

const file = process.env['BENCH_MODULES_FILE'] ?? '/dev/null'
const hooks = `
  import { appendFileSync } from 'node:fs'
  export function load(url, context, next) {
    appendFileSync(${JSON.stringify(file)}, url + '\\n')
    return next(url, context)
  }`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
