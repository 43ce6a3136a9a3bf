import { type ComponentType, useEffect, useState } from 'react';
import { useWords } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import type { CropDialog } from './CropDialog';
import { isTextForField } from './drop';
import { openPicture, type Picture, type Unopened } from './open';
import type { PhotoDraft } from './usePhotoDraft';

interface Cropping {
  picture: Picture;
  Dialog: ComponentType<Parameters<typeof CropDialog>[0]>;
}

/**
 * Chooses a photo, by drop or from a file, and crops it to a square. It is uploaded when the form
 * is saved.
 */
export function PhotoField(props: {
  /** The operator's name, for the initials. */
  name: string;
  photo: PhotoDraft;
  faults: readonly string[] | undefined;
  onFaults(faults: readonly string[]): void;
}) {
  const { t } = useWords();
  const [cropping, setCropping] = useState<Cropping | null>(null);
  const [opening, setOpening] = useState(false);
  const [over, setOver] = useState(false);
  useNoStrayDrops();

  useEffect(() => () => cropping?.picture.close(), [cropping]);

  const reject = (reason: Unopened) => props.onFaults([t(`photo.unopened.${reason}`)]);

  async function open(file: File | undefined) {
    if (file === undefined || opening) {
      return;
    }
    setOpening(true);
    props.onFaults([]);
    try {
      // The code for cropping is large and rarely used, so it is loaded on demand.
      const [picture, { CropDialog: Dialog }] = await Promise.all([openPicture(file), import('./CropDialog')]);
      if (typeof picture === 'string') {
        reject(picture);
      } else {
        setCropping({ picture, Dialog });
      }
    } catch {
      // The code failed to load: it has another name after an update of the server, or the network
      // is down.
      props.onFaults([t(navigator.onLine ? 'broken.text' : 'problem.unreachable')]);
    } finally {
      setOpening(false);
    }
  }

  return (
    <>
      <Field label={t('field.photo')} hint={t('photo.hint')} faults={props.faults}>
        {(described) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the input inside does the same.
          <div
            className={over ? 'photo-field over' : 'photo-field'}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
              event.preventDefault();
              setOver(false);
              void open(event.dataTransfer.files[0]);
            }}
          >
            <Avatar name={props.name} url={props.photo.url} size="large" />
            <input
              {...described}
              type="file"
              name="photo"
              className="visually-hidden"
              accept="image/*"
              onChange={(event) => {
                void open(event.target.files?.[0]);
                // Lets the user choose the same file again.
                event.target.value = '';
              }}
            />
            <span className="actions">
              <label htmlFor={described.id} className="button" aria-busy={opening || undefined}>
                {props.photo.url ? t('photo.chooseAnother') : t('photo.choose')}
              </label>
              {props.photo.url && (
                <Button kind="quiet" onClick={() => leaveTo(described.id, () => props.photo.set(null))}>
                  {t('photo.remove')}
                </Button>
              )}
              {props.photo.change?.is === 'removed' && (
                <Button kind="quiet" onClick={() => leaveTo(described.id, props.photo.reset)}>
                  {t('photo.keep')}
                </Button>
              )}
            </span>
          </div>
        )}
      </Field>
      {cropping && (
        <cropping.Dialog
          picture={cropping.picture}
          onDone={(photo) => {
            props.photo.set(photo);
            setCropping(null);
          }}
          onFailed={() => {
            reject('TOO_MUCH');
            setCropping(null);
          }}
          onClose={() => setCropping(null)}
        />
      )}
    </>
  );
}

/** Runs an action that removes the focused button, and moves the focus to the input next to it. */
function leaveTo(id: string, act: () => void) {
  document.getElementById(id)?.focus();
  act();
}

/**
 * A file that is dropped outside of the field would open in this tab, and discard everything that
 * was typed.
 */
function useNoStrayDrops() {
  useEffect(() => {
    const refuse = (event: DragEvent) => {
      const isField = event.target instanceof Element && event.target.matches(':read-write');
      if (!isTextForField(event.dataTransfer?.types ?? [], isField)) {
        event.preventDefault();
      }
    };
    addEventListener('dragover', refuse);
    addEventListener('drop', refuse);
    return () => {
      removeEventListener('dragover', refuse);
      removeEventListener('drop', refuse);
    };
  }, []);
}
