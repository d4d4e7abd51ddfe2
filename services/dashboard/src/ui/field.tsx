import {
  type InputHTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'

type About = { readonly label: string; readonly hint?: ReactNode; readonly wrong?: string | null }

type Control = { readonly id: string; readonly 'aria-describedby': string; readonly 'aria-invalid': boolean }

function Field({ label, hint, wrong, children }: About & { readonly children: (control: Control) => ReactNode }) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-about`, 'aria-invalid': Boolean(wrong) })}
      <span id={`${id}-about`} className={wrong ? 'wrong' : 'hint'}>
        {wrong ?? hint}
      </span>
    </div>
  )
}

export function Input({ label, hint, wrong, className = '', ...rest }: About & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <input className={`input ${className}`} autoComplete="off" spellCheck={false} {...control} {...rest} />
      )}
    </Field>
  )
}

/** As Enter does in a single line. */
function sendWithControlEnter(event: KeyboardEvent<HTMLTextAreaElement>) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit()
}

export function TextArea({
  label,
  hint,
  wrong,
  className = '',
  ...rest
}: About & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <textarea
          className={`input ${className}`}
          spellCheck={false}
          onKeyDown={sendWithControlEnter}
          {...control}
          {...rest}
        />
      )}
    </Field>
  )
}

type Choices = readonly (readonly [value: string, name: string])[]

export function Select({
  label,
  hint,
  wrong,
  choices,
  ...rest
}: About & { readonly choices: Choices } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(control) => (
        <select className="input" {...control} {...rest}>
          {choices.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** A choice among the controls of a list, named for screen readers only. */
export function Choose({
  label,
  choices,
  ...rest
}: { readonly label: string; readonly choices: Choices } & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select className="input inline-select" aria-label={label} {...rest}>
      {choices.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  )
}

export function Check({ label, ...rest }: { readonly label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="check">
      <input type="checkbox" {...rest} />
      {label}
    </label>
  )
}
