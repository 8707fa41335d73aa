#include "http/client/client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "http/authority.h"
#include "http/fields.h"
#include "http/input_buffer.h"
#include "http/reply_head.h"
#include "net/stream.h"

namespace enxame::http {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReplyStepBytes = 512 * 1024;

constexpr std::string_view kScheme = "http://";
constexpr std::string_view kTlsScheme = "https://";

/// The server ended a kept connection before it answered anything: it may not have seen the call.
class Stale : public net::ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

std::size_t body_bytes(const Call& call) {
  std::size_t bytes = call.body.size();
  for (const std::string_view piece : call.pieces) bytes += piece.size();
  return bytes;
}

std::string head_of(const Call& call, const Origin& origin, const ClientOptions& options) {
  std::string head = call.method + " " + call.target + " HTTP/1.1\r\nHost: " + origin.host + ":" +
                     std::to_string(origin.port) + "\r\n";
  if (!call.content_type.empty()) head += "Content-Type: " + call.content_type + "\r\n";
  if (const std::size_t bytes = body_bytes(call);
      bytes > 0 || (call.method != "GET" && call.method != "HEAD")) {
    head += "Content-Length: " + std::to_string(bytes) + "\r\n";
  }
  if (options.connections == Connections::per_request) head += "Connection: close\r\n";
  head += authorization_line(options.identity.token);
  for (const auto& [name, value] : call.headers) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

}  // namespace

/// One connection to the server and what has been received on it.
class Client::Link {
 public:
  explicit Link(net::Stream stream) : stream_(std::move(stream)) {}

  Reply exchange(const Call& call, const Origin& origin, const ClientOptions& options) {
    const net::Pace pace{options.timeout + call.patience};
    Reply reply;
    try {
      const std::string head = head_of(call, origin, options);
      std::vector<std::string_view> pieces{head, call.body};
      if (call.body.empty()) pieces.pop_back();
      pieces.insert(pieces.end(), call.pieces.begin(), call.pieces.end());
      stream_.write(pieces, net::Deadline(pace));
      if (call.after_write) call.after_write();
      read_head(reply, net::Deadline(pace).at());
    } catch (const net::TimedOut&) {
      throw;
    } catch (const net::ConnectionError& error) {
      if (used_ && input_.empty()) throw Stale(error.what());
      throw;
    }
    const auto head_received = Clock::now();
    read_body(call, reply, net::Deadline(pace), options.max_body_bytes);
    used_ = true;
    idle_since_ = Clock::now();
    reply.receiving = idle_since_ - head_received;
    return reply;
  }

  bool reusable() const { return reusable_; }

  /// Whether the server has neither closed the connection nor sent anything that nobody asked for.
  bool usable(std::chrono::milliseconds idle_limit) const {
    return Clock::now() - idle_since_ < idle_limit && input_.empty() && stream_.quiet();
  }

 private:
  void receive_more(net::TimePoint deadline) {
    const std::span<char> room = input_.room();
    const std::size_t received = stream_.read(room.data(), room.size(), deadline);
    if (received == 0)
      throw net::ConnectionError("the connection was closed before the answer was complete");
    input_.received(received);
  }

  void read_head(Reply& reply, net::TimePoint deadline) {
    do {
      std::optional<std::size_t> end = find_head_end(input_.bytes());
      for (; !end; end = find_head_end(input_.bytes())) receive_more(deadline);
      ReplyHead head = parse_reply_head(input_.bytes().substr(0, *end));
      reply.status = head.status;
      reply.headers = std::move(head.headers);
      reusable_ = head.keep_alive;
      input_.consume(*end);
      if (reply.status == 101) {
        throw std::runtime_error("the answer switches protocols, which was not asked for");
      }
    } while (reply.status < 200);
  }

  void read_body(const Call& call, Reply& reply, net::Deadline deadline, std::size_t limit) {
    if (call.method == "HEAD" || reply.status == 204 || reply.status == 304) return;
    if (!reply.header("transfer-encoding").empty()) {
      throw std::runtime_error("the answer has Transfer-Encoding, expected Content-Length");
    }
    const std::optional<std::size_t> length = content_length(reply.headers);
    if (!length) reusable_ = false;
    const std::size_t expected = length.value_or(limit);
    if (expected > limit) {
      throw std::runtime_error("the answer has " + std::to_string(expected) +
                               " bytes, expected at most " + std::to_string(limit));
    }
    const std::size_t buffered = std::min(expected, input_.bytes().size());
    reply.body.assign(input_.bytes().substr(0, buffered));
    input_.consume(buffered);
    if (length) reply.body.reserve(expected);
    std::size_t have = buffered;
    while (have < expected) {
      reply.body.resize(std::min(expected, std::max(reply.body.size(), have + kReplyStepBytes)));
      const std::size_t received =
          stream_.read(reply.body.data() + have, reply.body.size() - have, deadline.at());
      if (received == 0) break;
      deadline.moved(received);
      have += received;
    }
    reply.body.resize(have);
    if (length && have < expected) {
      throw net::ConnectionError("the answer ended after " + std::to_string(have) + " of " +
                                 std::to_string(expected) + " bytes");
    }
  }

  net::Stream stream_;
  InputBuffer input_;
  bool used_ = false;
  bool reusable_ = true;
  net::TimePoint idle_since_ = Clock::now();
};

Origin Origin::parse(std::string_view url) {
  const auto refuse = [&]() -> std::invalid_argument {
    return std::invalid_argument("\"" + std::string(url) +
                                 "\", expected http://HOST:PORT or https://HOST:PORT");
  };
  std::string_view rest = url;
  const bool has_tls = rest.starts_with(kTlsScheme);
  if (!has_tls && !rest.starts_with(kScheme)) throw refuse();
  rest.remove_prefix(has_tls ? kTlsScheme.size() : kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);

  const auto authority = parse_authority(rest);
  if (!authority || authority->port == 0 || rest.ends_with(':')) throw refuse();
  return {std::string(authority->host), authority->port.value_or(has_tls ? 443 : 80), has_tls};
}

std::string to_string(const Origin& origin) {
  return std::string(origin.has_tls ? kTlsScheme : kScheme) + origin.host + ":" +
         std::to_string(origin.port);
}

net::Stream connect_to(const Origin& origin, const Identity& identity,
                       std::chrono::milliseconds timeout) {
  try {
    const net::TimePoint deadline = Clock::now() + timeout;
    const std::string host = without_brackets(origin.host);
    net::Stream stream = net::Stream::connect(host, origin.port, timeout);
    if (origin.has_tls) stream.start_tls(net::TlsClient(identity.authorities_file), host, deadline);
    return stream;
  } catch (const net::ConnectionError& error) {
    throw std::runtime_error(std::string("cannot connect: ") + error.what());
  }
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_alphanumeric || kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string authorization_line(std::string_view token) {
  return token.empty() ? "" : "Authorization: Bearer " + std::string(token) + "\r\n";
}

std::string_view Reply::header(std::string_view name) const { return find_field(headers, name); }

Client::Client(Origin origin, ClientOptions options)
    : origin_(std::move(origin)), options_(std::move(options)) {}

Client::~Client() = default;

Reply Client::send(const Call& call) {
  const bool is_safe = call.method == "GET" || call.method == "HEAD";
  try {
    std::unique_ptr<Link> link = take_kept();
    if (!link) link = connect();
    Reply reply;
    try {
      reply = link->exchange(call, origin_, options_);
    } catch (const Stale&) {
      if (!is_safe) throw;
      link = connect();
      reply = link->exchange(call, origin_, options_);
    }
    if (options_.connections == Connections::kept && link->reusable()) keep(std::move(link));
    return reply;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(to_string(origin_) + ": " + call.method + " " + call.target + ": " +
                             error.what());
  }
}

std::unique_ptr<Client::Link> Client::connect() {
  return std::make_unique<Link>(connect_to(origin_, options_.identity, options_.connect_timeout));
}

std::unique_ptr<Client::Link> Client::take_kept() {
  const std::lock_guard lock(mutex_);
  while (!kept_.empty()) {
    std::unique_ptr<Link> link = std::move(kept_.back());
    kept_.pop_back();
    if (link->usable(options_.idle_limit)) return link;
  }
  return nullptr;
}

void Client::keep(std::unique_ptr<Link> link) {
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(link));
}

}  // namespace enxame::http
