#include "wasm/logic/edge.h"

#include <algorithm>
#include <cctype>

#include "json/reader.h"
#include "wasm/logic/numbers.h"

namespace enxame {
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
    JsonReader json(body);
    json.object([&](std::string_view key) {
      if (key == "error") {
        error = json.string();
      } else {
        json.skip();
      }
    });
  } catch (const JsonError&) {
    error.clear();  // a proxy's error page, say: quoted below
  }
  return error.empty() ? std::string(body.substr(0, kQuotedBytes)) : error;
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return equals_ignoring_case(header.first, name);
  });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string describe(const HttpAnswer& answer) {
  const std::string what = answer.status == 0 ? "no answer" : std::to_string(answer.status);
  const std::string why = answer.status == 0 ? std::string(answer.body) : reason(answer.body);
  return why.empty() ? what : what + " (" + why + ")";
}

std::string to_words(std::chrono::milliseconds duration) {
  if (duration < std::chrono::seconds(1)) return std::to_string(duration.count()) + " ms";
  return significant(std::chrono::duration<double>(duration).count(), 3) + " s";
}

}  // namespace enxame
