/** The bell and the name. */
export function Brand() {
  return (
    <p className="brand">
      <img src="/icon.svg" alt="" />
      Deskbell
    </p>
  );
}
