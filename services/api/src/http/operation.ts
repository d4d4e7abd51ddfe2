/**
 * One route, declared: what it takes, what it answers, who may call it, what it does. The same record validates the
 * request, mounts the route and becomes its entry in the OpenAPI document, so the three cannot differ.
 */
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Parts } from '../parts.ts'
import type { Caller, KeyScope } from './caller.ts'
import type { ProblemName } from './problem.ts'

/** An Idempotency-Key this request holds. A handler that writes completes it in the transaction of what it writes. */
export interface Claim {
  readonly projectId: string
  readonly key: string
  /** When it was claimed, as PostgreSQL writes it: who takes it over begins anew. */
  readonly since: string
  completed: boolean
}

export interface Call<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly caller: Caller
  readonly parts: Parts
  readonly requestId: string
  readonly claim: Claim | null
  /** Throws `unauthorized` once the caller's key or session no longer counts: long answers outlive the first look. */
  readonly requireKnown: () => Promise<unknown>
  /** For what the fields above do not carry: headers, the address of the client, a body that is streamed. */
  readonly request: Request
  /** For routes that stream; everybody else returns an Answer. */
  readonly response: Response
}

export interface Answer {
  readonly status: number
  /** Sent as JSON; undefined for no body. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What a handler returns after it has written the response itself. */
export const STREAMED = Symbol('streamed')

export interface AnswerSpec {
  readonly description: string
  /** Unset: no body. */
  readonly schema?: z.ZodType
  /** Unset: one is made from the schema. Of the other media types where there is no schema. */
  readonly example?: unknown
  /** Media types other than JSON this answer may have. */
  readonly media?: readonly string[]
  /** What the data of each kind of server-sent event is. */
  readonly events?: Readonly<Record<string, z.ZodType>>
  readonly headers?: Readonly<Record<string, string>>
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface Operation<P = unknown, Q = unknown, B = unknown> {
  /** Unique, camelCase: the name of the function in generated clients. */
  readonly id: string
  readonly method: Method
  /** OpenAPI form: `/v1/scans/{id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly access: KeyScope | 'public'
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
  readonly body?: z.ZodType<B>
  readonly bodyExample?: unknown
  /** Media types of a body the handler reads by itself, as a stream. */
  readonly streams?: readonly string[]
  /** By media type, where the body is streamed. */
  readonly bodyExamples?: Readonly<Record<string, string>>
  /** Headers of the request it minds beside those that the fields below bring, and what they mean. */
  readonly headers?: Readonly<Record<string, string>>
  /** Accepts Idempotency-Key: a repeated request gets the first answer and does nothing. */
  readonly idempotent?: boolean
  /** Accepts If-Match. */
  readonly conditional?: boolean
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** Beside those every route can have. */
  readonly problems?: readonly ProblemName[]
  handle(call: Call<P, Q, B>): Promise<Answer | typeof STREAMED>
}

/** Infers the types of a declaration and forgets them again, so that operations of all kinds fit into one list. */
export function operation<P, Q, B>(definition: Operation<P, Q, B>): Operation {
  // because a handler only ever gets what the schemas beside it have produced
  return definition as unknown as Operation
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  body,
  headers,
})

/** `location`: the path of what was made. */
export const created = (location: string, body: unknown): Answer => ({
  status: 201,
  body,
  headers: { Location: location },
})

export const noContent: Answer = { status: 204 }
