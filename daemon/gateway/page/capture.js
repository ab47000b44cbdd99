// The camera gives a JPEG, the microphone a clip. Both are asked for only when somebody presses the button, and let go
// of as soon as the picture or the clip is there.
import { byId } from './dom.js';
import { say } from './words.js';

const CLIP_S = 30;  // what bgmd listens to
const stop = (stream) => stream?.getTracks().forEach((track) => track.stop());
const why = (error) => (error instanceof TypeError ? 'https' : error.name);

export class Camera {
  #stream = null;
  constructor(onPhoto, onError) {
    const dialog = byId('camera');
    byId('use-camera').addEventListener('click', async () => {
      try {
        this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      } catch (error) { onError(why(error)); return; }
      byId('camera-view').srcObject = this.#stream;
      dialog.showModal();
      byId('camera-view').play();
    });
    byId('camera-shoot').addEventListener('click', () => {
      const view = byId('camera-view');
      if (view.videoWidth === 0) return;
      const picture = document.createElement('canvas');
      picture.width = view.videoWidth;
      picture.height = view.videoHeight;
      picture.getContext('2d').drawImage(view, 0, 0);
      picture.toBlob((blob) => { onPhoto(new File([blob], 'camera.jpg', { type: 'image/jpeg' })); dialog.close(); }, 'image/jpeg', 0.9);
    });
    byId('camera-close').addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { stop(this.#stream); byId('camera-view').srcObject = null; byId('use-camera').focus(); });
  }
}

export class Microphone {
  #recorder = null;
  #seconds = 0;
  constructor(onClip, onError) {
    byId('record').addEventListener('click', async () => {
      if (this.#recorder) { this.#recorder.stop(); return; }
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch (error) { onError(why(error)); return; }
      const parts = [];
      const recorder = new MediaRecorder(stream);
      recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
      const timer = setInterval(() => {
        this.#seconds += 1;
        this.words();
        if (this.#seconds >= CLIP_S) recorder.stop();
      }, 1000);
      recorder.addEventListener('stop', () => {
        clearInterval(timer);
        stop(stream);
        this.#recorder = null;
        this.words();
        const type = recorder.mimeType.split(';')[0] || 'audio/webm';
        onClip(new File(parts, `voice.${type.endsWith('mp4') ? 'm4a' : type.split('/')[1]}`, { type }));
      });
      this.#recorder = recorder;
      this.#seconds = 0;
      recorder.start();
      this.words();
    });
  }
  words() {
    const on = this.#recorder !== null;
    byId('record').setAttribute('aria-pressed', String(on));
    byId('record').querySelector('span').textContent = on ? say('recording', this.#seconds) : say('record');
  }
}
