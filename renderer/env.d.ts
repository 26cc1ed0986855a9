interface ImportMetaEnv {
  /** Name of this build, from its sources; `dev` where nobody named it. Set by `vite.config.ts`. */
  readonly ANDON_BUILD: string
}
