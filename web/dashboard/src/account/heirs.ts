// Who can become the owner, out of a list of operators that may not hold all of them.

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
  /** What there is to say beside the list. */
  remark: 'noHeirYet' | 'noHeirFound' | 'moreHeirs' | null;
}

export function heirsOf<Operator extends Listed>(
  operators: Operators<Operator> | undefined,
  search: string,
): Heirs<Operator> {
  if (operators === undefined) {
    return { heirs: [], remark: null };
  }
  // Whoever has no password yet could not sign in.
  const heirs = operators.nodes.filter((one) => !one.isOwner && !one.isInvited);
  if (operators.totalCount > operators.nodes.length) {
    return { heirs, remark: 'moreHeirs' };
  }
  if (heirs.length > 0) {
    return { heirs, remark: null };
  }
  return { heirs, remark: search.trim() === '' ? 'noHeirYet' : 'noHeirFound' };
}
