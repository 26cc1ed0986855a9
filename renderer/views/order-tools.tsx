import { Choice } from '../components/choice.tsx'
import { ORDER_FILTERS, ORDER_SORTS, type OrderFilter, type OrderLook } from '../state/order-look.ts'
import { count } from '../text/format.ts'
import { orderWords } from '../text/order-words.ts'

interface OrderToolsProps {
  readonly look: OrderLook
  readonly counts: Readonly<Record<OrderFilter, number>>
  readonly onChange: (look: OrderLook) => void
}

/** Which orders the list shows, each choice with how many that are, and in what order. */
export function OrderTools({ look, counts, onChange }: OrderToolsProps) {
  const { filters, filterLegend, sorts, sortLegend } = orderWords()
  return (
    <div class="order-tools">
      <Choice
        legend={filterLegend}
        value={look.filter}
        onChoose={(filter) => onChange({ ...look, filter })}
        options={ORDER_FILTERS.map((value) => ({
          value,
          label: (
            <>
              <span>{filters[value]}</span>
              <span class="order-count">{count(counts[value])}</span>
            </>
          ),
        }))}
      />
      <Choice
        legend={sortLegend}
        value={look.sort}
        onChoose={(sort) => onChange({ ...look, sort })}
        options={ORDER_SORTS.map((value) => ({ value, label: sorts[value] }))}
      />
    </div>
  )
}
