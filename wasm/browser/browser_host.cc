#include "wasm/browser/browser_host.h"

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

void enxame_send(enxame::browser::BrowserHost* host, int id, const char* method, const char* target,
                 const char* headers, const char* body, std::size_t body_bytes, double timeout_ms);
void enxame_after(enxame::browser::BrowserHost* host, int id, double delay_ms);
void enxame_socket_open(enxame::browser::BrowserHost* host, int id, const char* target);
void enxame_socket_send(int id, const char* message, std::size_t bytes);
void enxame_socket_close(int id);
void enxame_changed();

/// Takes `headers` and `body` over.
EMSCRIPTEN_KEEPALIVE void enxame_answer(enxame::browser::BrowserHost* host, int id, int status,
                                        char* headers, std::size_t header_bytes, char* body,
                                        std::size_t body_bytes) {
  const Bytes own_headers(headers);
  const Bytes own_body(body);
  host->answer(id, status, {headers, header_bytes}, {body, body_bytes});
}

EMSCRIPTEN_KEEPALIVE void enxame_fire(enxame::browser::BrowserHost* host, int id) {
  host->fire(id);
}

EMSCRIPTEN_KEEPALIVE void enxame_socket_opened(enxame::browser::BrowserHost* host, int id) {
  host->socket_opened(id);
}

/// Takes `message` over.
EMSCRIPTEN_KEEPALIVE void enxame_socket_received(enxame::browser::BrowserHost* host, int id,
                                                 char* message, std::size_t bytes) {
  const Bytes own_message(message);
  host->socket_received(id, {message, bytes});
}

/// Takes `headers` and `body` over: those of an answer to a request that was made to find out why.
EMSCRIPTEN_KEEPALIVE void enxame_socket_not_opened(enxame::browser::BrowserHost* host, int id,
                                                   int status, char* headers,
                                                   std::size_t header_bytes, char* body,
                                                   std::size_t body_bytes) {
  const Bytes own_headers(headers);
  const Bytes own_body(body);
  host->socket_not_opened(id, status, {headers, header_bytes}, {body, body_bytes});
}

/// Takes `why` over.
EMSCRIPTEN_KEEPALIVE void enxame_socket_closed(enxame::browser::BrowserHost* host, int id,
                                               char* why, std::size_t bytes) {
  const Bytes own_why(why);
  host->socket_closed(id, {why, bytes});
}

}  // extern "C"

namespace enxame::browser {
namespace {

std::string to_lines(const worker::HttpHeaders& headers) {
  std::string lines;
  for (const auto& [name, value] : headers) lines += name + ": " + value + "\n";
  return lines;
}

worker::HttpHeaders from_lines(std::string_view lines) {
  worker::HttpHeaders headers;
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

/// A WebSocket of JavaScript's, by its number.
class BrowserHost::BrowserSocket : public worker::WebSocket {
 public:
  BrowserSocket(BrowserHost& host, int id) : host_(host), id_(id) {}
  BrowserSocket(const BrowserSocket&) = delete;
  BrowserSocket& operator=(const BrowserSocket&) = delete;
  ~BrowserSocket() override {
    if (host_.listeners_.erase(id_) > 0) enxame_socket_close(id_);
  }

  void send(std::string_view message) override {
    if (host_.listeners_.contains(id_)) enxame_socket_send(id_, message.data(), message.size());
  }

 private:
  BrowserHost& host_;
  int id_;
};

void BrowserHost::send(const worker::HttpRequest& request,
                       std::function<void(const worker::HttpAnswer&)> then) {
  const int id = ++last_id_;
  requests_.emplace(id, std::move(then));
  enxame_send(this, id, request.method.c_str(), request.target.c_str(),
              to_lines(request.headers).c_str(), request.body.data(), request.body.size(),
              in_ms(request.timeout));
}

void BrowserHost::after(std::chrono::milliseconds delay, std::function<void()> then) {
  const int id = ++last_id_;
  timers_.emplace(id, std::move(then));
  enxame_after(this, id, in_ms(delay));
}

std::unique_ptr<worker::WebSocket> BrowserHost::open(const std::string& target,
                                                     worker::WebSocketListener& listener) {
  const int id = ++last_id_;
  listeners_.emplace(id, &listener);
  enxame_socket_open(this, id, target.c_str());
  return std::make_unique<BrowserSocket>(*this, id);
}

Duration BrowserHost::now() const {
  const std::chrono::duration<double, std::milli> since_page_start(emscripten_get_now());
  return std::chrono::duration_cast<Duration>(since_page_start);
}

void BrowserHost::changed() { enxame_changed(); }

void BrowserHost::answer(int id, int status, std::string_view headers, std::string_view body) {
  const auto waiting = requests_.extract(id);
  waiting.mapped()({.status = status, .headers = from_lines(headers), .body = body});
}

void BrowserHost::fire(int id) {
  const auto waiting = timers_.extract(id);
  waiting.mapped()();
}

void BrowserHost::socket_opened(int id) { listeners_.at(id)->opened(); }

void BrowserHost::socket_received(int id, std::string_view message) {
  listeners_.at(id)->received(message);
}

void BrowserHost::socket_not_opened(int id, int status, std::string_view headers,
                                    std::string_view body) {
  const worker::HttpAnswer answer{.status = status, .headers = from_lines(headers), .body = body};
  socket_closed(id, worker::why_not_opened(answer));
}

void BrowserHost::socket_closed(int id, std::string_view why) {
  const auto over = listeners_.extract(id);
  over.mapped()->closed(why);
}

}  // namespace enxame::browser
