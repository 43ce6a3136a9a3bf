// The phases of a connection. `suspended` can follow any phase; so can `idle`, after the last key.
//
//     idle ──first key──▶ trying ──first state──▶ serving ──(streams) time──▶ succeeding
//                          ▲  │                   │  ▲  ▲                      │ │  │
//                     time │  │ failure           │  │  └─failure of successor──┘ │  │
//                          │  ▼                   │  └────its first state─────────┘  │
//                         pausing ◀────failure────┴────────────failure──────────────┘

import type { Wire } from './wire';

export type Way = 'socket' | 'streams';

/** `way` is the kind of the wire, or of the next one. */
export type Phase =
  /** There are no keys. */
  | { is: 'idle'; way: Way }
  /** The page is in the back/forward cache. */
  | { is: 'suspended'; way: Way }
  /** The pause before an attempt. */
  | { is: 'pausing'; way: Way }
  /** An attempt: the wire has not delivered a state. */
  | { is: 'trying'; way: Way; wire: Wire }
  /** The wire has delivered states since that time. */
  | { is: 'serving'; way: Way; wire: Wire; since: number }
  /** The wire still serves. The successor replaces it with its first state. */
  | { is: 'succeeding'; way: Way; wire: Wire; since: number; successor: Wire };

export function forEachWire(phase: Phase, act: (wire: Wire) => void): void {
  if ('successor' in phase) {
    act(phase.successor);
  }
  if ('wire' in phase) {
    act(phase.wire);
  }
}
