#include "http/access_tokens.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "net/secret_file.h"

namespace enxame::http {

namespace {

constexpr std::size_t kLeastBytes = 16;
constexpr std::size_t kMostBytes = 256;

std::string_view trimmed_line(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = line.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kSpace) - begin + 1);
}

std::runtime_error cannot_read(const std::string& file) {
  return std::runtime_error("cannot read the tokens in " + file + ": " +
                            std::generic_category().message(errno));
}

}  // namespace

bool is_access_token(std::string_view text) {
  constexpr std::string_view kPunctuation = "-._~";
  return text.size() >= kLeastBytes && text.size() <= kMostBytes &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  kPunctuation.find(c) != std::string_view::npos;
         });
}

std::vector<std::string> read_access_tokens(const std::string& file) {
  // Whoever may read it could ask, and whoever may write it could let anybody ask.
  net::refuse_open_file(file, "the tokens");
  std::ifstream in(file);
  if (!in) throw cannot_read(file);
  std::vector<std::string> tokens;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    const std::string_view line = trimmed_line(text);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    const std::string_view token =
        colon == std::string_view::npos ? line : trimmed_line(line.substr(colon + 1));
    if (!is_access_token(token)) {
      throw std::runtime_error("line " + std::to_string(number) + " of " + file +
                               " is not a token, expected TOKEN or NAME: TOKEN, of " +
                               kAccessTokenRule + " (openssl rand -hex 32 makes one)");
    }
    tokens.emplace_back(token);
  }
  if (in.bad()) throw cannot_read(file);
  if (tokens.empty()) {
    throw std::runtime_error("there is no token in " + file + ", expected one a line");
  }
  return tokens;
}

std::string read_access_token(const std::string& file) {
  const std::vector<std::string> tokens = read_access_tokens(file);
  if (tokens.size() == 1) return tokens.front();
  throw std::runtime_error("there are " + std::to_string(tokens.size()) + " tokens in " + file +
                           ", expected the one to ask with");
}

}  // namespace enxame::http
