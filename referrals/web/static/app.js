/* Enhancements only: everything here also exists as a link or a button. */
(() => {
  'use strict';
  document.documentElement.classList.add('js');
  const all = selector => [...document.querySelectorAll(selector)];
  const dialog = document.getElementById('keys');
  const typing = el => el.isContentEditable || (/^(input|textarea|select)$/i.test(el.tagName) && !/^(checkbox|radio|button|submit)$/.test(el.type));
  const row = () => document.activeElement.closest('[data-row]');

  const move = by => {
    const rows = all('[data-row]');
    if (!rows.length) return;
    const here = rows.indexOf(row());
    const next = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + by))];
    next.querySelector('[data-open]').focus();
    next.scrollIntoView({ block: 'nearest' });
  };
  const press = key => {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (target) target.matches('input') ? target.focus() : target.click();
    return target;
  };
  // Enter on a row's link is the browser's own.
  const keys = { j: () => move(1), k: () => move(-1), '/': () => press('/'), o: () => press('o'), '?': () => dialog && dialog.showModal() };

  document.addEventListener('keydown', event => {
    if (document.body.dataset.shortcuts !== 'on' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || (dialog && dialog.open) || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener('click', event => {
    if (dialog && event.target.closest('[data-dialog]')) { event.preventDefault(); dialog.showModal(); }
    if (event.target.closest('[data-print]')) print();
  });
  // A double press sends a form once.
  document.addEventListener('submit', event => {
    if (event.target.method !== 'post' || event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = 'yes';
    setTimeout(() => { delete event.target.dataset.sent; }, 4000);
  });
  // An opinion is saved while it is written; the number says over which draft.
  const draft = document.querySelector('[name=draft_version]');
  if (draft) {
    let wait;
    const save = async () => {
      const body = new FormData(draft.form);
      body.set('later', 'by itself');
      const answer = await fetch(draft.form.action, { method: 'POST', body }).catch(() => 0);
      if (answer.ok) draft.value = await answer.text();
      document.querySelector('[data-saved]').textContent = answer.ok ? `Draft saved ${new Date().toTimeString().slice(0, 5)}` : 'Not saved yet. Press “Save draft”.';
    };
    draft.form.addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(save, 800); });
    draft.form.addEventListener('submit', () => clearTimeout(wait));
  }
  const problems = document.getElementById('problems');
  if (problems) problems.focus();
})();
