// What the C++ of browser_edge.cc calls: forwards to the edge that the page gave to the module (site/edge.js), with strings and
// bytes in place of pointers.
addToLibrary({
  enxame_send__deps: ['$UTF8ToString'],
  enxame_send: (edge, id, method, target, headers, body, bodyBytes, timeoutMs) =>
    Module.edge.send(Module, edge, id, {
      method: UTF8ToString(method),
      target: UTF8ToString(target),
      headers: UTF8ToString(headers),
      body: HEAPU8.subarray(body, body + bodyBytes),
      timeoutMs,
    }),

  enxame_after: (edge, id, delayMs) => Module.edge.after(Module, edge, id, delayMs),

  enxame_socket_open__deps: ['$UTF8ToString'],
  enxame_socket_open: (edge, id, target) =>
    Module.edge.openSocket(Module, edge, id, UTF8ToString(target)),

  enxame_socket_send: (id, message, bytes) =>
    Module.edge.sendMessage(id, HEAPU8.subarray(message, message + bytes)),

  enxame_socket_close: (id) => Module.edge.closeSocket(id),

  enxame_changed: () => Module.edge.changed(),
});
