#include "cli/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace enxame::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Mode { local, distributed };
std::string_view to_string(Mode mode) { return mode == Mode::local ? "local" : "distributed"; }

struct Values {
  std::string site = "site";
  std::uint16_t port = 0;
  double rate = 1.5;
  std::chrono::milliseconds timeout = 30s;
  std::chrono::seconds duration = 10s;
  std::size_t max_body = std::size_t{256} << 20;
  Mode mode = Mode::local;
  std::vector<int> sizes;
  std::vector<std::string> names;
  std::string listen = "127.0.0.1";
  std::size_t stored = 1;
  std::chrono::milliseconds lease = 1s;
  bool quick = false;
};

class FlagsTest : public ::testing::Test {
 protected:
  FlagsTest() {
    flags.text("site", values.site, "DIR", "folder to serve");
    flags.integer<std::uint16_t>("port", values.port, 0, 65535, "port to listen on");
    flags.number("rate", values.rate, 0, 100, "requests per second");
    flags.duration("call-timeout", values.timeout, "time a call may take");
    flags.duration("duration", values.duration, "time to measure");
    flags.bytes("max-body", values.max_body, "largest body");
    flags.choice("mode", values.mode, std::array{Mode::local, Mode::distributed}, "who computes");
    flags.list(
        "sizes", values.sizes,
        [](std::string_view text) { return static_cast<int>(parse_integer(text, 1, 100)); }, "N",
        "orders");
    flags.repeated(
        "name", values.names, [](std::string_view text) { return std::string(text); }, "NAME",
        "who");
    flags.listen_host("listen", values.listen, "where");
    flags.bytes("stored", values.stored, "room", 1);
    flags.duration("lease", values.lease, "how long", 1ms);
    flags.toggle("quick", values.quick, "less of everything");
    flags.example("program --port 8080");
  }

  bool parse(std::vector<const char*> args) {
    args.insert(args.begin(), "program");
    return flags.parse(static_cast<int>(args.size()), args.data()) == Request::run;
  }

  std::string usage_error(std::vector<const char*> args) {
    try {
      parse(std::move(args));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "(no error)";
  }

  Values values;
  Flags flags{"program", "Does something."};
};

TEST_F(FlagsTest, KeepsDefaultsWhenNothingIsGiven) {
  EXPECT_TRUE(parse({}));
  EXPECT_EQ(values.timeout, 30s);
  EXPECT_FALSE(flags.given("port"));
}

TEST_F(FlagsTest, ReadsEveryKindOfValueInBothSpellings) {
  EXPECT_TRUE(parse({"--site", "x=y", "--port=65535", "--rate", "2.25", "--call-timeout=250ms",
                     "--duration", "2m", "--max-body=64KiB", "--mode", "distributed",
                     "--sizes=2,64,100", "--quick"}));
  EXPECT_EQ(values.site, "x=y");
  EXPECT_EQ(values.port, 65535);
  EXPECT_EQ(values.rate, 2.25);
  EXPECT_EQ(values.timeout, 250ms);
  EXPECT_EQ(values.duration, 120s);
  EXPECT_EQ(values.max_body, 65536u);
  EXPECT_EQ(values.mode, Mode::distributed);
  EXPECT_THAT(values.sizes, ElementsAre(2, 64, 100));
  EXPECT_TRUE(values.quick);
  EXPECT_TRUE(flags.given("port"));
}

TEST_F(FlagsTest, ANumberWithoutADefaultIsNothingUnlessGiven) {
  std::optional<std::uint16_t> port;
  flags.integer<std::uint16_t>("metrics-port", port, 0, 65535, "port (default none)");
  EXPECT_THAT(flags.help(), ::testing::HasSubstr("  port (default none)\n"));
  EXPECT_TRUE(parse({}));
  EXPECT_EQ(port, std::nullopt);
  EXPECT_TRUE(parse({"--metrics-port=0"}));
  EXPECT_EQ(port, 0);
  EXPECT_THAT(usage_error({"--metrics-port", "65536"}), ::testing::HasSubstr("65536"));
}

TEST_F(FlagsTest, ReadsWhatAParserOfItsUserReads) {
  std::string path = "/";
  flags.parsed(
      "path", path,
      [](std::string_view given) {
        if (!given.starts_with('/')) throw std::invalid_argument("no path");
        return std::string(given.substr(1));
      },
      "PATH", "where");
  EXPECT_TRUE(parse({"--path=/a"}));
  EXPECT_EQ(path, "a");
  EXPECT_EQ(usage_error({"--path", "a"}), "--path: no path");
  EXPECT_EQ(usage_error({"--path=/a", "--path=/b"}), "--path is given twice");
}

TEST_F(FlagsTest, ReadsAFlagThatRepeats) {
  EXPECT_TRUE(parse({"--name", "a", "--name=b,c", "--port=1", "--name", "d"}));
  EXPECT_THAT(values.names, ElementsAre("a", "b,c", "d"));
  EXPECT_THAT(flags.help(), HasSubstr("  --name NAME …"));
}

TEST_F(FlagsTest, ReadsWhereToListen) {
  for (const auto& [given, read] : std::vector<std::pair<const char*, const char*>>{
           {"[::1]", "::1"}, {"::1", "::1"}, {"::", "::"}, {"0.0.0.0", "0.0.0.0"}, {"me", "me"}}) {
    EXPECT_TRUE(parse({"--listen", given}));
    EXPECT_EQ(values.listen, read);
  }
  for (const char* listen : {"[", "[]", "[::1", "::1]", "[127.0.0.1]", "a b", "http://a", "a@b",
                             "127.0.0.1:80", "[::1]:80"}) {
    EXPECT_THAT(usage_error({"--listen", listen}), HasSubstr("is not an address or a name"))
        << listen;
  }
}

TEST_F(FlagsTest, RefusesADurationWithoutItsUnit) {
  EXPECT_EQ(usage_error({"--lease", "1"}), "--lease: \"1\" has no unit, expected 1s, 1ms or 1m");
  EXPECT_EQ(usage_error({"--duration", "0"}),
            "--duration: \"0\" has no unit, expected 0s, 0ms or 0m");
}

TEST_F(FlagsTest, RefusesTooLittle) {
  EXPECT_EQ(usage_error({"--stored", "0"}), "--stored: \"0\" is too little, expected at least 1");
  EXPECT_EQ(usage_error({"--lease", "0ms"}), "--lease: \"0ms\" is not at least 1ms");
  EXPECT_TRUE(parse({"--max-body", "0", "--call-timeout", "0s"}));
}

TEST_F(FlagsTest, NamesTheClosestFlagForAnUnknownOne) {
  EXPECT_EQ(usage_error({"--prot", "1"}), "unknown flag --prot, did you mean --port?");
  EXPECT_EQ(usage_error({"--max-bdy=1"}), "unknown flag --max-bdy, did you mean --max-body?");
  EXPECT_EQ(usage_error({"--elephant"}), "unknown flag --elephant");
}

TEST_F(FlagsTest, RefusesValuesThatDoNotFit) {
  EXPECT_EQ(usage_error({"--port", "65536"}),
            "--port: \"65536\" is not a whole number from 0 to 65535");
  for (const char* port : {"-1", "+1", "1x", " 1", "", "0x10", "99999999999999999999"}) {
    EXPECT_THAT(usage_error({"--port", port}), HasSubstr("is not a whole number")) << port;
  }
  for (const char* rate : {"nan", "inf", "-0.1", "100.1", "1,5"}) {
    EXPECT_THAT(usage_error({"--rate", rate}), HasSubstr("is not a number from 0 to 100")) << rate;
  }
  for (const char* time : {"-1s", "1h", "s", "0.1ms", "1e3", "nan", "99999999999m"}) {
    EXPECT_THAT(usage_error({"--call-timeout", time}), HasSubstr("is not a duration")) << time;
  }
  EXPECT_THAT(usage_error({"--duration", "1500ms"}), HasSubstr("whole 1s steps"));
  for (const char* bytes :
       {"-1", "1.5MiB", "1TiB", "MiB", "99999999999999999999", "17179869184G"}) {
    EXPECT_THAT(usage_error({"--max-body", bytes}), HasSubstr("is not a number of bytes")) << bytes;
  }
  EXPECT_EQ(usage_error({"--mode", "cloud"}), "--mode: \"cloud\" is not one of local|distributed");
  EXPECT_EQ(usage_error({"--sizes", "1,,2"}), "--sizes: \"\" is not a whole number from 1 to 100");
  EXPECT_THAT(usage_error({"--site", ""}), HasSubstr("--site: "));
}

TEST_F(FlagsTest, RefusesWhatIsNotAFlagWithItsValueOnce) {
  EXPECT_EQ(usage_error({"file"}), "unexpected argument \"file\", flags start with --");
  EXPECT_EQ(usage_error({"--"}), "unexpected argument \"--\", flags start with --");
  EXPECT_EQ(usage_error({"--port"}), "--port needs a value: N");
  EXPECT_EQ(usage_error({"--port=1", "--port", "2"}), "--port is given twice");
  EXPECT_EQ(usage_error({"--quick=yes"}), "--quick takes no value");
}

TEST_F(FlagsTest, HelpListsFlagsDefaultsAndExamplesInColumns) {
  EXPECT_FALSE(parse({"--nonsense", "--help"}));
  const std::string help = flags.help();
  EXPECT_THAT(help, HasSubstr("usage: program [flags]\n\nDoes something.\n"));
  EXPECT_THAT(help, HasSubstr("  --max-body BYTES          largest body (default 256MiB)\n"));
  EXPECT_THAT(help, HasSubstr("  --mode local|distributed  who computes (default local)\n"));
  EXPECT_THAT(help, HasSubstr("  --sizes N,…               orders\n"));
  EXPECT_THAT(help, HasSubstr("  --call-timeout TIME       time a call may take (default 30s)\n"));
  EXPECT_THAT(help, HasSubstr("examples:\n  program --port 8080\n"));
}

TEST(FormatTest, UsesTheLargestUnitThatDivides) {
  EXPECT_EQ(format_bytes(0), "0");
  EXPECT_EQ(format_bytes(1000), "1000");
  EXPECT_EQ(format_bytes(std::size_t{2} << 40), "2048GiB");
  EXPECT_EQ(format_duration(0ms), "0ms");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(2min), "2m");
}

}  // namespace
}  // namespace enxame::cli
