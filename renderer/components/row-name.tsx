/** A last word of so many letters at most is never cut: names of one kind differ there. */
const MAX_END = 6
const END = new RegExp(String.raw`^(.*\S)(\s+\S{1,${MAX_END}})$`, 's')

/** A name in one row of words: what has no room is left out before its last word, as in "Hydraulic pre… 2". */
export function RowName({ name }: { readonly name: string }) {
  const [, start = name, end = ''] = END.exec(name) ?? []
  return (
    <bdi class="row-name">
      <span>{start}</span>
      {end === '' ? null : <span>{end}</span>}
    </bdi>
  )
}
