import { type Command, Option } from 'commander'
import { serverSchema } from '../config/build.ts'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import type { Override } from '../config/override.ts'
import { invalidConfig } from '../config/problem.ts'
import { exposedFiles } from '../config/state-files.ts'
import type { ServerParts } from '../parts/server-parts.ts'

/** By what a command is told its workflow file. */
export interface FileFlags {
  readonly config_file?: string
  readonly config?: string
  readonly override: readonly string[]
  readonly strict?: boolean
}

/** Gives a command the options by which it is told its workflow file. */
export function withFileOptions(command: Command): Command {
  return command
    .addOption(new Option('--config_file <file>', 'the workflow file'))
    .addOption(new Option('--config <file>', 'the same').hideHelp())
    .addOption(
      new Option('--override <path value...>', 'set a value of the file, as often as needed: --override general.front_end.port 8010')
        .argParser((word: string, words: readonly string[]) => [...words, word])
        .default([], 'none'),
    )
    .option('--strict', 'refuse what is only questionable, such as a secret that stands in the file')
}

/**
 * The workflow file that a command was told, with its overrides and those that come from other flags.
 * @throws CountersignError `invalid_config` with every mistake of the file
 */
export async function loadWorkflowFile(
  command: Command,
  flags: FileFlags,
  more: readonly Override[] = [],
): Promise<LoadedConfig<ServerParts>> {
  const isStrict = flags.strict === true
  const loaded = await loadConfig({
    file: workflowFile(command, flags),
    schema: serverSchema(),
    overrides: [...overridesOf(command, flags), ...more],
    environment: process.env,
    isStrict,
  })
  const exposed = exposedFiles(loaded.config)
  if (isStrict && exposed.length > 0) throw invalidConfig(exposed)
  return { ...loaded, warnings: [...loaded.warnings, ...exposed] }
}

/** The name of the workflow file; without it the command was used wrongly. */
export function workflowFile(command: Command, { config_file, config }: FileFlags): string {
  return config_file ?? config ?? command.error('error: which workflow file? Add --config_file workflow.yml')
}

/** The pairs that `--override` was given. */
export function overridesOf(command: Command, { override: words }: FileFlags): readonly Override[] {
  if (words.length % 2 !== 0) command.error('error: --override takes a path and a value: --override general.front_end.port 8010')
  return words.flatMap((path, at) => (at % 2 === 0 ? [{ path, value: words[at + 1] ?? '' }] : []))
}
