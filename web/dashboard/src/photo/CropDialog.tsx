import { useId, useRef, useState } from 'react';
import Cropper from 'react-easy-crop';
import 'react-easy-crop/react-easy-crop.css';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { type Area, mostZoom, squareOf } from './crop';
import { encode } from './encode';
import type { Picture } from './open';

/**
 * Crops a picture to the square that becomes the photo: by mouse, touch, arrow keys and the slider.
 */
export function CropDialog(props: { picture: Picture; onDone(photo: Blob): void; onFailed(): void; onClose(): void }) {
  const { t } = useWords();
  const { picture } = props;
  const { width, height } = picture;
  const [crop, setCrop] = useState({ x: 0, y: 0 });
  const [zoom, setZoom] = useState(1);
  const [busy, setBusy] = useState(false);
  const area = useRef<Area | null>(null);
  const id = useId();
  const most = mostZoom(width, height);

  async function use() {
    setBusy(true);
    try {
      const middle = { x: (width - height) / 2, y: (height - width) / 2, width, height };
      props.onDone(await encode(picture, squareOf(area.current ?? middle, width, height)));
    } catch {
      props.onFailed();
    }
  }

  return (
    <Dialog title={t('photo.cropTitle')} onClose={props.onClose} className="dialog crop">
      <p id={`${id}-hint`} className="hint">
        {t('photo.cropHint')}
      </p>
      <div className="crop-area">
        <Cropper
          image={picture.url}
          aspect={1}
          crop={crop}
          onCropChange={setCrop}
          zoom={zoom}
          onZoomChange={setZoom}
          minZoom={1}
          maxZoom={most}
          keyboardStep={6}
          onCropAreaChange={(_, pixels) => {
            area.current = pixels;
          }}
          mediaProps={{ alt: '' }}
          cropperProps={{ role: 'group', 'aria-label': t('photo.cropArea'), 'aria-describedby': `${id}-hint` }}
          // The page's policy allows styles from files only. The stylesheet is imported above.
          disableAutomaticStylesInjection
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-zoom`}>{t('photo.zoom')}</label>
        <input
          id={`${id}-zoom`}
          type="range"
          min={1}
          max={most}
          step={(most - 1) / 50 || 1}
          value={zoom}
          disabled={most === 1}
          aria-valuetext={t('photo.zoomValue', { percent: Math.round(zoom * 100) })}
          onChange={(event) => setZoom(Number(event.target.value))}
        />
      </div>
      <div className="actions">
        <Button kind="primary" busy={busy} onClick={use}>
          {t('photo.use')}
        </Button>
        <Button onClick={props.onClose}>{t('form.cancel')}</Button>
      </div>
    </Dialog>
  );
}
