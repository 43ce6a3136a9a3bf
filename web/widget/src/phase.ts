// The phases of a connection. `suspended` can follow any phase; so can `idle`, after the last key.
//
//     idle ──first key──▶ trying ──first state──▶ serving ──(streams) time──▶ replacing
//                          ▲  │                   │  ▲  ▲                     │ │  │
//                     time │  │ failure           │  │  └failure of the other─┘ │  │
//                          │  ▼                   │  └───its first state────────┘  │
//                         pausing ◀────failure────┴───────────failure──────────────┘

import type { Wire } from './wire';

export type Transport = 'socket' | 'streams';

/** `transport` is the kind of the wire, or of the next one. */
export type Phase =
  /** There are no keys. */
  | { is: 'idle'; transport: Transport }
  /** The page is in the back/forward cache. */
  | { is: 'suspended'; transport: Transport }
  /** The pause before an attempt. */
  | { is: 'pausing'; transport: Transport }
  /** An attempt: the wire has not delivered a state. */
  | { is: 'trying'; transport: Transport; wire: Wire }
  /** The wire has delivered states since that time. */
  | { is: 'serving'; transport: Transport; wire: Wire; since: number }
  /** The wire still serves. The replacement takes over with its first state. */
  | { is: 'replacing'; transport: Transport; wire: Wire; since: number; replacement: Wire };

export function forEachWire(phase: Phase, act: (wire: Wire) => void): void {
  if ('replacement' in phase) {
    act(phase.replacement);
  }
  if ('wire' in phase) {
    act(phase.wire);
  }
}
