// What the C++ of browser_host.cc calls: forwards to the host that the page gave to the module (site/host.js), with strings and
// bytes in place of pointers.
addToLibrary({
  enxame_send__deps: ['$UTF8ToString'],
  enxame_send: (host, id, method, target, headers, body, bodyBytes, timeoutMs) =>
    Module.host.send(Module, host, id, {
      method: UTF8ToString(method),
      target: UTF8ToString(target),
      headers: UTF8ToString(headers),
      body: HEAPU8.subarray(body, body + bodyBytes),
      timeoutMs,
    }),

  enxame_after: (host, id, delayMs) => Module.host.after(Module, host, id, delayMs),

  enxame_socket_open__deps: ['$UTF8ToString'],
  enxame_socket_open: (host, id, target) =>
    Module.host.openSocket(Module, host, id, UTF8ToString(target)),

  enxame_socket_send: (id, message, bytes) =>
    Module.host.sendMessage(id, HEAPU8.subarray(message, message + bytes)),

  enxame_socket_close: (id) => Module.host.closeSocket(id),

  enxame_changed: () => Module.host.changed(),

  // A piece is its address and its length, as std::string_view has them.
  enxame_guest_answer: (pieces, count, head, headBytes, rest, restBytes) =>
    Module.guest.answer(
      Array.from({ length: count }, (_, i) => {
        const at = HEAPU32[pieces / 4 + 2 * i];
        return HEAPU8.subarray(at, at + HEAPU32[pieces / 4 + 2 * i + 1]);
      }),
      [HEAPU8.subarray(head, head + headBytes), HEAPU8.subarray(rest, rest + restBytes)],
    ),
});
