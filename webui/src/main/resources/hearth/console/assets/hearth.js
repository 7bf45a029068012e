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
  let stream = null, again = 0, polls = 0, lost = false;
  function note(line) {
    const space = line.lastIndexOf(' ');
    const topic = line.slice(0, space), version = line.slice(space + 1);
    const before = seen.get(topic);
    seen.set(topic, version);
    if (before !== version) fire(topic); // the first time too: the page may be older than the stream
  }
  function open() {
    if (stream || !document.body.dataset.live || document.hidden) return;
    const mine = stream = new EventSource('/admin/events');
    mine.addEventListener('hello', e => {
      seen.clear(); // it may be another process that speaks now
      poll(false);
      say();
      e.data.split('\n').filter(Boolean).forEach(note);
    });
    mine.addEventListener('changed', e => note(e.data));
    mine.addEventListener('bye', () => { close(); over(location.href); });
    mine.onerror = () => { if (stream === mine) { close(); look(); } };
    setTimeout(() => { if (stream === mine && !seen.size) { poll(true); say('Updates every 15 s'); } }, 10000);
  }
  function close() {
    clearTimeout(again);
    if (stream) { stream.close(); stream = null; seen.clear(); }
  }
  // why there is no stream: EventSource does not tell, and gives up after any answer but a stream
  async function look() {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), 10000);
    let status = 0, next = null;
    try {
      const headers = { 'HX-Request': 'true', 'HX-Current-URL': location.href };
      const answer = await fetch('/admin/events', { headers, signal: stop.signal });
      status = answer.status;
      next = answer.headers.get('HX-Redirect');
    } catch (_) { /* nobody there */ }
    clearTimeout(late);
    stop.abort();
    if (stream || document.hidden) return;
    clearTimeout(again);
    if (status === 401 && next) over(next);
    else if (status === 200) again = setTimeout(open, 1000);
    else {
      poll(status === 429);
      if (status === 429) say('Updates every 15 s: too many pages are open');
      else away();
      again = setTimeout(look, status === 429 ? 15000 : 3000);
    }
  }
  function poll(on) {
    clearInterval(polls);
    polls = on ? setInterval(() => { if (!document.hidden) topics.forEach(fire); }, 15000) : 0;
  }
  function say(text = '', href = '') {
    const bar = $('#live');
    if (!bar) return;
    lost = false;
    bar.textContent = text;
    if (!href) return;
    const link = document.createElement('a');
    link.href = href;
    link.textContent = 'Sign in';
    bar.append(' ', link);
  }
  function away() {
    if (lost) return;
    say('Not connected to Hearth since ' + new Date().toLocaleTimeString() + ': this page may be out of date. Trying again…');
    lost = true;
  }
  // signed out: on to the sign-in, unless that would lose what somebody typed
  const typed = () => Array.from(document.querySelectorAll('#main form[method="post"] :is(textarea, input[type="text"])'))
    .some(field => !field.readOnly && field.value !== field.defaultValue);
  function over(to) {
    if (typed()) say('You are signed out. What you typed is still here but cannot be saved: copy it first.', to);
    else if (to === location.href) location.reload();
    else location.assign(to);
  }
  document.addEventListener('htmx:beforeOnLoad', e => {
    if (lost && !document.body.dataset.live) say(); // pages without a stream ask by themselves
    const to = e.detail.xhr.status === 401 && e.detail.xhr.getResponseHeader('HX-Redirect');
    if (to) { e.preventDefault(); close(); poll(false); over(to); }
  });
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
    if (id === 'toasts' && $('dialog[open]')) $('dialog[open]').close(); // it would cover the refusal
    if (id === 'main' || (e.detail.elt && e.detail.elt.id === 'main')) {
      const wrong = $('#main [aria-invalid="true"]') || $('#main [role="alert"]');
      if (wrong) wrong.focus();
      else if (!document.activeElement || document.activeElement === document.body) {
        const heading = $('#effect-title') || $('#main h1');
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
  const unsure = 'Not saved, or not known whether saved. Reload to see the present state.';
  document.addEventListener('htmx:responseError', e => {
    if (e.detail.xhr.status !== 401 && e.detail.requestConfig.verb === 'post') complain(unsure);
  });
  document.addEventListener('htmx:sendError', e => {
    if (!stream) away();
    if (e.detail.requestConfig.verb === 'post') complain('The appliance did not answer. ' + unsure);
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
