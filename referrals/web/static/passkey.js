/* Speaks with the device's passkeys; without it, passwords and codes do the same. */
(() => {
  'use strict';
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const read = options => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const name of ['excludeCredentials', 'allowCredentials']) (options[name] || []).forEach(each => { each.id = bytes(each.id); });
    return options;
  };
  const told = found => {
    const response = {};
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (found.response[name]) response[name] = text(found.response[name]);
    }
    return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response });
  };
  const use = async button => {
    const { form, dataset } = button;
    const body = new FormData();
    body.set('csrf_token', form.elements.csrf_token.value);
    const answer = await fetch(dataset.ask, { method: 'POST', body });
    if (!answer.ok) { location.reload(); return; }
    const publicKey = read(await answer.json());
    const found = await navigator.credentials[dataset.passkey]({ publicKey });
    const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'credential', value: told(found) });
    form.append(field);
    form.action = dataset.answer;
    form.submit();
  };
  document.querySelectorAll('[data-needs-passkey]').forEach(each => { each.hidden = false; });
  document.querySelectorAll('[data-passkey]').forEach(button => button.addEventListener('click', () => {
    button.disabled = true;
    use(button).catch(() => {
      button.disabled = false;
      const said = button.form.querySelector('[data-passkey-said]');
      if (said) said.textContent = 'No passkey was used. Try again, or go another way.';
    });
  }));
})();
