#include "testing/mutated.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/envelope.h"
#include "json/reader.h"

namespace enxame::json {
namespace {

/// What nlohmann/json thinks, and what only it does not mind: members that come twice, depth.
class Oracle : public nlohmann::json_sax<nlohmann::json> {
 public:
  /// Nothing where the two may differ: nlohmann/json refuses numbers beyond a double.
  static std::optional<bool> accepts(const std::string& text) {
    // It takes a NUL for the end of the input, and passes over a byte order mark.
    if (text.find('\0') != std::string::npos || text.starts_with("\xEF\xBB\xBF")) return false;
    Oracle oracle;
    const bool valid = nlohmann::json::sax_parse(text, &oracle);
    if (oracle.overflow_) return std::nullopt;
    return valid && !oracle.refused_;
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool key(string_t& name) override {
    std::set<std::string>& names = open_.back();
    if (!names.insert(name).second || names.size() > Reader::kMaxMembers) refused_ = true;
    return true;
  }
  bool start_object(std::size_t) override { return start(); }
  bool start_array(std::size_t) override { return start(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    overflow_ = error.id == 406;
    return false;
  }

 private:
  bool start() {
    open_.emplace_back();
    if (open_.size() > static_cast<std::size_t>(Reader::kMaxDepth)) refused_ = true;
    return true;
  }
  bool end() {
    open_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> open_;
  bool refused_ = false;
  bool overflow_ = false;
};

std::optional<std::string> complaint_about(const std::string& text) {
  try {
    Reader json(text);
    json.skip();
    json.end();
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

const std::vector<std::string> kSamples{
    R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})",
    R"({"taskId":7,"data":{"A":"[[1]]","B":"[[2]]"}})",
    R"( { "x" : [ 1 , -2.5e-7 , true , false , null ] , "y" : { "z" : "\u00e9\ud83d\ude00\n" } } )",
    "{\"é€😀\":\"é€😀\",\"b\":\"\\\"\\\\\\/\\b\\f\\r\\t\"}",
    R"([[],{},"",0,[{"a":[{"b":{"c":{}}}]}]])",
    R"({"error":"this worker's memory is too small"})",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
    "]]]]]]]"
    "]]]]]]]]]]]]]]]]]]]]]]]]]]",
    R"(-0.0)",
    R"({"":1e999})",  // beyond a double: nlohmann/json refuses it, an envelope passes over it
    R"("\ud834\udd1e")"};

const std::vector<std::string> kTokens{
    "\"A\":\"\",", R"("\u0041":0,)", R"(\ud800)", R"(\udc00)",    "{\"a\":",     "[[",
    "]]",          "null",           "1e5",       "\xED\xA0\x80", "\xEF\xBB\xBF"};

TEST(MutatedJson, TheReaderAgreesWithNlohmannOnWhatIsJson) {
  testing::for_each_mutated(kSamples, kTokens, [](const std::string& text) {
    const std::optional<bool> expected = Oracle::accepts(text);
    const std::optional<std::string> complaint = complaint_about(text);
    if (expected) {
      EXPECT_EQ(!complaint, *expected) << complaint.value_or("accepted");
    }
    if (complaint) {
      EXPECT_LT(complaint->size(), 300U);
    }
  });
}

TEST(MutatedJson, TheEnvelopeReadsTheTextsThatNlohmannReads) {
  testing::for_each_mutated(kSamples, kTokens, [](const std::string& text) {
    try {
      const Envelope envelope(text);
      if (!Oracle::accepts(text).has_value()) return;
      const auto expected = nlohmann::json::parse(text, nullptr, false);
      // It is stricter than the other; what it takes means the same.
      EXPECT_TRUE(expected.is_object());
      for (const auto& [name, value] : expected.items()) {
        EXPECT_TRUE(envelope.has(name));
        if (value.is_string()) {
          EXPECT_EQ(envelope.text(name), value.get_ref<const std::string&>());
        }
      }
    } catch (const EnvelopeError&) {
    }
  });
}

}  // namespace
}  // namespace enxame::json
