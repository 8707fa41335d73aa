#include "worker/host.h"

#include <algorithm>
#include <cctype>

#include "json/reader.h"
#include "wire/rest.h"
#include "worker/numbers.h"

namespace enxame::worker {
namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

constexpr std::size_t kQuotedBytes = 200;

/// The coordinator's own words when the body is {"error":"…"}, otherwise the start of the body.
std::string reason(std::string_view body) {
  std::string error;
  try {
    json::Reader json(body);
    json.object([&](std::string_view key) {
      if (key == "error") {
        error = json.string();
      } else {
        json.skip();
      }
    });
  } catch (const json::Error&) {
    error.clear();  // quoted below
  }
  return error.empty() ? std::string(body.substr(0, kQuotedBytes)) : error;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return equals_ignoring_case(text.substr(0, start.size()), start);
}

/// What a person at the browser can do about an answer that is not the coordinator's.
std::string_view advice(int status) {
  switch (status) {
    case 401:
    case 403:
      return "it wants a login, or does not let this page through";
    case 404:
      return "it does not pass this address on to the coordinator";
    case 413:
      return "the matrices are larger than it passes on";
    case 502:
    case 503:
    case 504:
      return "it does not reach the coordinator";
    default:
      return "expected the coordinator's JSON";
  }
}

std::string describe_foreign(const HttpAnswer& answer) {
  const std::string_view type = answer.header("Content-Type");
  return "the answer is " + std::string(type.substr(0, type.find(';')).substr(0, kQuotedBytes)) +
         " with status " + std::to_string(answer.status) +
         ", from something between here and the coordinator (a proxy, or another server): " +
         std::string(advice(answer.status));
}

}  // namespace

bool is_foreign(const HttpAnswer& answer) {
  const std::string_view type = answer.header("Content-Type");
  if (answer.status == 0 || answer.body.empty() || type.empty()) return false;
  return !starts_with_ignoring_case(type, wire::rest::kJsonType) &&
         !starts_with_ignoring_case(type, wire::rest::kBinaryType);
}

std::string why_not_opened(const HttpAnswer& answer) {
  const std::string what = "no WebSocket could be opened: ";
  // To a request that is no handshake for a WebSocket the coordinator answers with these.
  const bool is_served =
      (answer.status >= 200 && answer.status < 300) || answer.status == 400 || answer.status == 426;
  if (!is_served || is_foreign(answer)) return what + describe(answer);
  return what +
         "the coordinator answers requests, so it has just come back, or something on the way to "
         "it does not pass WebSockets on (a proxy that is not told to upgrade connections); "
         "dispatch=long-poll in the address of this page does without";
}

std::string_view HttpAnswer::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return equals_ignoring_case(header.first, name);
  });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string describe(const HttpAnswer& answer) {
  if (is_foreign(answer)) return describe_foreign(answer);
  const std::string what = answer.status == 0 ? "no answer" : std::to_string(answer.status);
  const std::string why = answer.status == 0 ? std::string(answer.body) : reason(answer.body);
  return why.empty() ? what : what + " (" + why + ")";
}

std::string to_words(std::chrono::milliseconds duration) {
  if (duration < std::chrono::seconds(1)) return std::to_string(duration.count()) + " ms";
  return significant(std::chrono::duration<double>(duration).count(), 3) + " s";
}

}  // namespace enxame::worker
