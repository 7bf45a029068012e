// What HTML and htmx leave open: live events, dialogs, copying, the editor's gutter.
(() => {
  'use strict';
  const root = document.documentElement;
  root.classList.remove('no-js');
  root.classList.add('js');
  const $ = (sel, from = document) => from.querySelector(sel);

  // --- live: the server says which topic changed, the parts that listen fetch themselves
  const topics = ['machines', 'pending', 'routes', 'keys', 'logs', 'paths', 'minute'];
  const seen = new Map();
  const fire = topic => window.htmx && htmx.trigger(document.body, 'hearth:' + topic);
  let stream = null, failures = 0, hello = false, fallback = 0;
  function note(line) {
    const space = line.lastIndexOf(' ');
    const topic = line.slice(0, space), version = line.slice(space + 1);
    const before = seen.get(topic);
    seen.set(topic, version);
    if (before !== version) fire(topic); // the first time too: the page may be older than the stream
  }
  function open() {
    if (stream || !document.body.dataset.live || document.hidden) return;
    hello = false;
    stream = new EventSource('/admin/events');
    stream.addEventListener('hello', e => {
      hello = true; failures = 0; slow(false);
      e.data.split('\n').filter(Boolean).forEach(note);
    });
    stream.addEventListener('changed', e => note(e.data));
    stream.addEventListener('bye', () => { close(); location.reload(); });
    stream.onerror = () => { if (++failures >= 3) { slow(true); } };
    setTimeout(() => { if (stream && !hello) slow(true); }, 10000);
  }
  function close() { if (stream) { stream.close(); stream = null; } }
  function slow(on) {
    const text = $('#live');
    if (text) text.textContent = on ? 'updates every 15 s' : '';
    if (on && !fallback) fallback = setInterval(() => {
      if (!document.hidden) topics.forEach(fire);
    }, 15000);
    if (!on && fallback) { clearInterval(fallback); fallback = 0; }
  }
  document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
  addEventListener('pagehide', close);
  addEventListener('pageshow', e => { if (e.persisted) open(); });
  // words like "3 min ago" grow old
  setInterval(() => { if (!document.hidden) fire('minute'); }, 60000);

  // --- dialogs: whatever arrives in the slot is shown; closing gives the focus back
  let opener = null;
  document.addEventListener('htmx:beforeRequest', e => {
    if (e.detail.target && e.detail.target.id === 'dialog-slot') opener = e.detail.elt.id;
  });
  function show() {
    const dialog = $('#dialog-slot dialog');
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.addEventListener('close', () => {
      $('#dialog-slot').replaceChildren();
      const back = opener && document.getElementById(opener);
      if (back) back.focus();
    });
  }
  document.addEventListener('click', e => {
    const cancel = e.target.closest('[data-close]');
    if (!cancel) return;
    const box = cancel.closest('dialog, .toast');
    if (box && box.matches('dialog')) { e.preventDefault(); box.close(); }
    else if (box) box.remove();
  });

  // --- after a swap: dialog, toasts, and the focus goes where the work goes on
  document.addEventListener('htmx:afterSwap', e => {
    const id = e.detail.target && e.detail.target.id;
    if (id === 'dialog-slot') show();
    if (id === 'main' || (e.detail.elt && e.detail.elt.id === 'main')) {
      const wrong = $('#main [aria-invalid="true"]') || $('#main [role="alert"]');
      if (wrong) wrong.focus();
      else if (!document.activeElement || document.activeElement === document.body) {
        const heading = $('#main h1');
        if (heading) { heading.tabIndex = -1; heading.focus(); }
      }
      const title = $('#main') && $('#main').dataset.title;
      if (title) document.title = title;
      edit();
    }
    toasts();
  });
  document.addEventListener('htmx:oobAfterSwap', toasts);
  function toasts() {
    document.querySelectorAll('.toast.ok:not([data-timed])').forEach(toast => {
      toast.dataset.timed = 'yes';
      let timer = setTimeout(() => toast.remove(), 8000);
      const hold = () => clearTimeout(timer);
      const go = () => { timer = setTimeout(() => toast.remove(), 3000); };
      toast.addEventListener('mouseenter', hold);
      toast.addEventListener('focusin', hold);
      toast.addEventListener('mouseleave', go);
      toast.addEventListener('focusout', go);
    });
  }
  function complain(text) {
    const template = $('#toast-bad');
    if (!template) return;
    const toast = template.content.firstElementChild.cloneNode(true);
    $('[data-text]', toast).textContent = text;
    $('#toasts').append(toast);
  }
  const lost = 'Not saved, or not known whether saved. Reload to see the present state.';
  document.addEventListener('htmx:responseError', e => {
    if (e.detail.xhr.status !== 401 && e.detail.requestConfig.verb === 'post') complain(lost);
  });
  document.addEventListener('htmx:sendError', e => {
    if (e.detail.requestConfig.verb === 'post') complain('The appliance did not answer. ' + lost);
  });

  // --- copy buttons, also where the clipboard is not to be had
  document.addEventListener('click', async e => {
    const button = e.target.closest('[data-copy]');
    if (!button) return;
    const source = button.parentElement.querySelector('code');
    let done = false;
    try { await navigator.clipboard.writeText(source.textContent); done = true; } catch (_) {
      getSelection().selectAllChildren(source);
      try { done = document.execCommand('copy'); } catch (_) { done = false; }
    }
    const word = $('[data-word]', button);
    if (word) { word.textContent = done ? 'Copied' : 'Press Ctrl+C'; setTimeout(() => { word.textContent = 'Copy'; }, 2000); }
  });

  // --- the policy editor: line numbers, and jumping to a problem
  function edit() {
    const area = $('#policy'), gutter = $('#gutter');
    if (!area || !gutter || area.dataset.ready) return;
    area.dataset.ready = 'yes';
    const number = () => {
      const wrong = new Set(Array.from(document.querySelectorAll('[data-line]'), p => +p.dataset.line));
      const lines = area.value.split('\n').length;
      const parts = [];
      for (let i = 1; i <= lines; i++) {
        if (wrong.has(i)) { const b = document.createElement('b'); b.textContent = i; parts.push(b, '\n'); }
        else parts.push(i + '\n');
      }
      gutter.replaceChildren(...parts);
      gutter.scrollTop = area.scrollTop;
    };
    area.addEventListener('input', number);
    area.addEventListener('scroll', () => { gutter.scrollTop = area.scrollTop; });
    document.addEventListener('htmx:afterSwap', e => { if (e.detail.target.id === 'problems') number(); });
    number();
    const asked = /^#L(\d+)$/.exec(location.hash);
    if (asked) select(+asked[1]);
  }
  document.addEventListener('click', e => {
    const link = e.target.closest('[data-line], [data-warning]');
    if (!link || !$('#policy')) return;
    e.preventDefault();
    select(+(link.dataset.line || link.dataset.warning));
  });
  function select(number) {
    const area = $('#policy');
    const lines = area.value.split('\n');
    const line = Math.min(number, lines.length);
    let start = 0;
    for (let i = 1; i < line; i++) start += lines[i - 1].length + 1;
    area.focus();
    area.setSelectionRange(start, start + lines[line - 1].length);
    area.scrollTop = (line - 4) * parseFloat(getComputedStyle(area).lineHeight);
  }

  document.addEventListener('DOMContentLoaded', () => { toasts(); edit(); show(); open(); });
})();
