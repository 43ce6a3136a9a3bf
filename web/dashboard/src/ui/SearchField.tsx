import { useEffect, useId, useRef, useState } from 'react';

const PAUSE_MS = 250;

/** A search box that searches when the user stops typing. */
export function SearchField(props: { label: string; value: string; maxLength: number; onSearch(text: string): void }) {
  const id = useId();
  const [typed, setTyped] = useState(props.value);
  const reported = useRef(props.value);
  const onSearch = useRef(props.onSearch);
  onSearch.current = props.onSearch;

  // Follows changes other than typing.
  useEffect(() => {
    if (props.value !== reported.current) {
      reported.current = props.value;
      setTyped(props.value);
    }
  }, [props.value]);

  useEffect(() => {
    if (typed === reported.current) {
      return;
    }
    const timer = setTimeout(() => {
      reported.current = typed;
      onSearch.current(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <div className="field search">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="search"
        name="search"
        value={typed}
        maxLength={props.maxLength}
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
