interface ImportMetaEnv {
  /** Name of this build, from its sources. Set by `vite.config.ts`; absent where another tool builds (tests). */
  readonly ANDON_BUILD?: string
}

/** Styles that are loaded after the page; importing them puts them on it. */
declare module '*.css' {}
