// Selects possible new owners from a list of operators, which can be cut off.

interface Listed {
  isOwner: boolean;
  isInvited?: boolean | null;
}

interface Operators<Operator> {
  nodes: readonly Operator[];
  totalCount: number;
}

interface Candidates<Operator> {
  candidates: readonly Operator[];
  /** The remark next to the list. */
  remark: 'noCandidateYet' | 'noCandidateFound' | 'moreCandidates' | null;
}

export function candidatesOf<Operator extends Listed>(
  operators: Operators<Operator> | undefined,
  search: string,
): Candidates<Operator> {
  if (operators === undefined) {
    return { candidates: [], remark: null };
  }
  // An operator without a password cannot sign in.
  const candidates = operators.nodes.filter((one) => !one.isOwner && !one.isInvited);
  if (operators.totalCount > operators.nodes.length) {
    return { candidates, remark: 'moreCandidates' };
  }
  if (candidates.length > 0) {
    return { candidates, remark: null };
  }
  return { candidates, remark: search.trim() === '' ? 'noCandidateYet' : 'noCandidateFound' };
}
