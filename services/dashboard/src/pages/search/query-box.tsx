/** The query language with completion of its fields, and where a query is wrong while it is typed. */
import { type KeyboardEvent, type RefObject, useId, useRef, useState } from 'react'
import { completionsOf, replaceWord } from './completion.ts'

type Flaw = { readonly position: number; readonly problem: string; readonly fix: string }

type QueryBoxProps = {
  readonly text: string
  readonly flaw: Flaw | null
  readonly onType: (text: string) => void
  readonly onLook: (text: string) => void
}

export function QueryBox({ text, flaw, onType, onLook }: QueryBoxProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const { offers, chosen, take, type, close, onKeyDown } = useCompletion({ input, text, onType, onLook })
  return (
    <div className="query">
      <div className="row nowrap">
        <input
          ref={input}
          className="input mono"
          role="combobox"
          aria-label="Search endpoints"
          aria-expanded={offers.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-autocomplete="list"
          aria-invalid={flaw !== null}
          aria-describedby={`${id}-says`}
          autoComplete="off"
          spellCheck={false}
          placeholder="service:ssh version:<9.6 net:10.0.0.0/8"
          value={text}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={close}
        />
        <button type="button" className="button primary" disabled={flaw !== null} onClick={() => onLook(text)}>
          Search
        </button>
      </div>
      <Offers id={id} offers={offers} chosen={chosen} onTake={take} />
      <Says id={`${id}-says`} text={text} flaw={flaw} />
    </div>
  )
}

type CompletionOptions = Pick<QueryBoxProps, 'text' | 'onType' | 'onLook'> & {
  readonly input: RefObject<HTMLInputElement | null>
}

function useCompletion({ input, text, onType, onLook }: CompletionOptions) {
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const caret = input.current?.selectionStart ?? text.length
  const offers = isOpen ? completionsOf(text, caret) : []
  const close = () => setOpen(false)
  const take = (word: string) => {
    onType(replaceWord(text, caret, word))
    setChosen(-1)
    input.current?.focus()
  }
  const type = (next: string) => {
    onType(next)
    setOpen(true)
    setChosen(-1)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const offered = offers[chosen]
    if (step !== 0 && offers.length > 0) setChosen((chosen + step + offers.length) % offers.length)
    else if ((event.key === 'Enter' || event.key === 'Tab') && offered) take(offered.word)
    else if (event.key === 'Enter') {
      close()
      onLook(text)
    } else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
  }
  return { offers, chosen, take, type, close, onKeyDown }
}

type OffersProps = {
  readonly id: string
  readonly offers: ReturnType<typeof completionsOf>
  readonly chosen: number
  readonly onTake: (word: string) => void
}

function Offers({ id, offers, chosen, onTake }: OffersProps) {
  return (
    <div className="offers" role="listbox" id={`${id}-list`} aria-label="Completions" hidden={offers.length === 0}>
      {offers.map(({ word, about }, i) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box, which names the active option
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's
        <div
          key={word}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === chosen}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(word)}
        >
          <code>{word}</code> <span className="quiet small">{about}</span>
        </div>
      ))}
    </div>
  )
}

function Says({ id, text, flaw }: { readonly id: string; readonly text: string; readonly flaw: Flaw | null }) {
  if (flaw === null)
    return (
      <p id={id} className="quiet small">
        All words are needed; <code>OR</code>, <code>-</code>, parentheses and quotes work; <code>*</code> stands for
        anything.
      </p>
    )
  return (
    <p id={id} className="wrong" role="status">
      <code className="pointer">
        {text.slice(0, flaw.position)}
        <mark>{text.slice(flaw.position, flaw.position + 1) || '▏'}</mark>
        {text.slice(flaw.position + 1)}
      </code>
      {flaw.problem}; {flaw.fix}
    </p>
  )
}
