import { useEffect, useId, useRef, useState } from 'react';
import Cropper from 'react-easy-crop';
import 'react-easy-crop/react-easy-crop.css';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { type Area, mostZoom, squareOf } from './crop';
import { draw, encode } from './encode';
import type { Picture } from './open';

/** The smallest size in which the photo is shown, in CSS pixels. */
const PREVIEW_SIDE = 40;

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
  const preview = useRef<HTMLCanvasElement>(null);
  const id = useId();
  const most = mostZoom(width, height);
  const [area, setArea] = useState<Area>({ x: (width - height) / 2, y: (height - width) / 2, width, height });
  const square = squareOf(area, width, height);

  useEffect(() => {
    if (preview.current) {
      draw(picture, square, preview.current);
    }
  });

  async function use() {
    setBusy(true);
    try {
      props.onDone(await encode(picture, square));
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
          cropShape="round"
          showGrid={false}
          crop={crop}
          onCropChange={setCrop}
          zoom={zoom}
          onZoomChange={setZoom}
          minZoom={1}
          maxZoom={most}
          keyboardStep={6}
          onCropAreaChange={(_, pixels) => setArea(pixels)}
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
      <p className="crop-preview hint">
        {/* The pixels of a screen with two per CSS pixel. */}
        <canvas ref={preview} className="avatar" width={2 * PREVIEW_SIDE} height={2 * PREVIEW_SIDE} />
        {t('photo.preview')}
      </p>
      <div className="actions">
        <Button kind="primary" busy={busy} onClick={use}>
          {t('photo.use')}
        </Button>
        <Button onClick={props.onClose}>{t('form.cancel')}</Button>
      </div>
    </Dialog>
  );
}
