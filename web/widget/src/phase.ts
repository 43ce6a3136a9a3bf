// The phases of a connection. `suspended` can follow any phase; so can `idle`, after the last
// subscription.
//
//     idle ──first──▶ trying ──first state──▶ serving ─(streams) time, new token─▶ replacing
//                      ▲  │                   │  ▲  ▲                              │ │  │
//                 time │  │ failure           │  │  └──────failure of the other────┘ │  │
//                      │  ▼                   │  └──────────its first state──────────┘  │
//                     pausing ◀────failure────┴──────────failure, or isNeeded───────────┘

import type { Transport } from './contract';
import type { Wire } from './wire';

/** `transport` is the kind of the wire, or of the next one. */
export type Phase =
  /** There are no subscriptions. */
  | { is: 'idle'; transport: Transport }
  /** The page is in the back/forward cache. */
  | { is: 'suspended'; transport: Transport }
  /** The pause before an attempt. */
  | { is: 'pausing'; transport: Transport }
  /** An attempt: the wire has not delivered a state. */
  | { is: 'trying'; transport: Transport; wire: Wire }
  | ({ is: 'serving' } & Serving)
  /**
   * The wire still serves. The replacement takes over with its first state. `isNeeded`: the wire
   * has an old token.
   */
  | ({ is: 'replacing'; replacement: Wire; by: Transport; isNeeded: boolean } & Serving);

/** The wire has delivered states since that time. */
export interface Serving {
  transport: Transport;
  wire: Wire;
  since: number;
}

export function forEachWire(phase: Phase, act: (wire: Wire) => void): void {
  if ('replacement' in phase) {
    act(phase.replacement);
  }
  if ('wire' in phase) {
    act(phase.wire);
  }
}
