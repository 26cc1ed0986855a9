interface ImportMetaEnv {
  /** Name of this build, from its sources. Set by `vite.config.ts`; absent where another tool builds (tests). */
  readonly ANDON_BUILD?: string
}

/** Styles that are loaded after the page; importing them puts them on it. */
declare module '*.css' {}

/** The address that a file has in the build. */
declare module '*?url' {
  const address: string
  export default address
}

interface ImportMeta {
  /** Files that fit a pattern, by their paths; vite puts them there. */
  glob<T>(pattern: string, options: { query: string; import: string; eager: true }): Readonly<Record<string, T>>
}
