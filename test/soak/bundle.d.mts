/** Bundles `NAME.ts`, as it is found from this folder. @returns the file, `NAME.mjs` in `folder` */
export declare function bundleProgram(name: string, folder: string): Promise<string>
