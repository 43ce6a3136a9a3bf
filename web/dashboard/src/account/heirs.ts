// Selects possible new owners from a list of operators, which can be cut off.

interface Listed {
  isOwner: boolean;
  isInvited?: boolean | null;
}

interface Operators<Operator> {
  nodes: readonly Operator[];
  totalCount: number;
}

interface Heirs<Operator> {
  heirs: readonly Operator[];
  /** The remark next to the list. */
  remark: 'noHeirYet' | 'noHeirFound' | 'moreHeirs' | null;
}

export function heirsOf<Operator extends Listed>(
  operators: Operators<Operator> | undefined,
  search: string,
): Heirs<Operator> {
  if (operators === undefined) {
    return { heirs: [], remark: null };
  }
  // An operator without a password cannot sign in.
  const heirs = operators.nodes.filter((one) => !one.isOwner && !one.isInvited);
  if (operators.totalCount > operators.nodes.length) {
    return { heirs, remark: 'moreHeirs' };
  }
  if (heirs.length > 0) {
    return { heirs, remark: null };
  }
  return { heirs, remark: search.trim() === '' ? 'noHeirYet' : 'noHeirFound' };
}
