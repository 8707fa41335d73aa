#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace enxame::worker {

/// A URL that does not say what it should. The message names the parameter, its value and what was
/// expected.
class QueryError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// The parameters of "?a=1&b=two%20words" (with or without the question mark), percent-decoded, in
/// order. Throws QueryError for an escape that is none.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

/// `text` as it may stand in a query: everything but letters, digits and -._~ is percent-encoded
/// (RFC 3986, section 2.3).
std::string percent_encode(std::string_view text);

}  // namespace enxame::worker
