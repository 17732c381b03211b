/** Something that others wait for until a test opens it. */
export interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

/** A gate, closed. */
export function gate(): Gate {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
