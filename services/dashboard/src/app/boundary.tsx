import { Component, type ReactNode } from 'react'
import { Failure } from '../ui/states.tsx'

type BoundaryState = { readonly error: unknown }

/** A page that breaks takes only itself down. */
export class Boundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null }

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return <Failure error={this.state.error} retry={() => window.location.reload()} />
  }
}
