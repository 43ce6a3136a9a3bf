/** A switch. */
export function Switch(props: {
  label: string;
  on: boolean;
  busy?: boolean;
  disabled?: boolean;
  onChange(on: boolean): void;
}) {
  const idle = !props.busy && !props.disabled;
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={props.on}
      aria-label={props.label}
      aria-busy={props.busy || undefined}
      aria-disabled={!idle || undefined}
      onClick={() => idle && props.onChange(!props.on)}
    >
      <span className="switch-knob" />
    </button>
  );
}
