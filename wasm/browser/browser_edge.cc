#include "wasm/browser/browser_edge.h"

#include <emscripten.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace {

/// Bytes that JavaScript put into Wasm memory with malloc() and handed over.
struct Free {
  void operator()(char* bytes) const { std::free(bytes); }
};
using Bytes = std::unique_ptr<char, Free>;

}  // namespace

extern "C" {

void enxame_send(enxame::BrowserEdge* edge, int id, const char* method, const char* target,
                 const char* headers, const char* body, std::size_t body_bytes, double timeout_ms);
void enxame_after(enxame::BrowserEdge* edge, int id, double delay_ms);
void enxame_changed();

/// Takes `headers` and `body` over.
EMSCRIPTEN_KEEPALIVE void enxame_answer(enxame::BrowserEdge* edge, int id, int status,
                                        char* headers, std::size_t header_bytes, char* body,
                                        std::size_t body_bytes) {
  const Bytes own_headers(headers);
  const Bytes own_body(body);
  edge->answer(id, status, {headers, header_bytes}, {body, body_bytes});
}

EMSCRIPTEN_KEEPALIVE void enxame_fire(enxame::BrowserEdge* edge, int id) { edge->fire(id); }

}  // extern "C"

namespace enxame {
namespace {

std::string to_lines(const HttpHeaders& headers) {
  std::string lines;
  for (const auto& [name, value] : headers) lines += name + ": " + value + "\n";
  return lines;
}

HttpHeaders from_lines(std::string_view lines) {
  HttpHeaders headers;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

double in_ms(std::chrono::milliseconds duration) { return static_cast<double>(duration.count()); }

}  // namespace

void BrowserEdge::send(const HttpRequest& request, std::function<void(const HttpAnswer&)> then) {
  const int id = ++last_id_;
  requests_.emplace(id, std::move(then));
  enxame_send(this, id, request.method.c_str(), request.target.c_str(),
              to_lines(request.headers).c_str(), request.body.data(), request.body.size(),
              in_ms(request.timeout));
}

void BrowserEdge::after(std::chrono::milliseconds delay, std::function<void()> then) {
  const int id = ++last_id_;
  timers_.emplace(id, std::move(then));
  enxame_after(this, id, in_ms(delay));
}

Duration BrowserEdge::now() const {
  const std::chrono::duration<double, std::milli> since_page_start(emscripten_get_now());
  return std::chrono::duration_cast<Duration>(since_page_start);
}

void BrowserEdge::changed() { enxame_changed(); }

void BrowserEdge::answer(int id, int status, std::string_view headers, std::string_view body) {
  const auto waiting = requests_.extract(id);
  waiting.mapped()({.status = status, .headers = from_lines(headers), .body = body});
}

void BrowserEdge::fire(int id) {
  const auto waiting = timers_.extract(id);
  waiting.mapped()();
}

}  // namespace enxame
