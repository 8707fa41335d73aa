#include "load/options.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "load/clients/clients.h"

namespace enxame::load {
namespace {

Options parse(std::initializer_list<const char*> arguments) {
  Options options;
  cli::Flags flags = declare(options);
  std::vector<const char*> argv{"load-generator"};
  argv.insert(argv.end(), arguments);
  flags.parse(static_cast<int>(argv.size()), argv.data());
  check(options, flags);
  return options;
}

std::string refusal(std::initializer_list<const char*> arguments) {
  try {
    parse(arguments);
    return "accepted";
  } catch (const cli::UsageError& error) {
    return error.what();
  }
}

TEST(Options, AreAClosedLoopUnlessThereIsARate) {
  EXPECT_FALSE(parse({"--samples", "s.csv", "--in-flight", "4"}).open());
  EXPECT_FALSE(parse({"--samples", "s.csv", "--in-flight", "4", "--rate", "0"}).open());
  const Options options = parse({"--samples", "s.csv", "--rate", "12.5", "--arrivals", "uniform",
                                 "--max-in-flight", "9", "--drain-limit", "2.5"});
  EXPECT_TRUE(options.open());
  EXPECT_EQ(options.rate_per_s, 12.5);
  EXPECT_EQ(options.arrivals, ArrivalProcess::uniform);
  EXPECT_EQ(options.max_in_flight, 9u);
  EXPECT_EQ(options.drain_limit_s, 2.5);
}

TEST(Options, ThatDoNotGoTogetherAreNamed) {
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "5", "--in-flight", "4"}),
            "--in-flight 4 does not go with --rate: either requests are kept in flight or they "
            "arrive");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--max-in-flight", "4"}),
            "--max-in-flight applies only to an open loop, which needs --rate");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--arrivals", "poisson"}),
            "--arrivals applies only to an open loop, which needs --rate");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--drain-limit", "4"}),
            "--drain-limit applies only to an open loop, which needs --rate");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate-schedule", "ramp:1:2"}),
            "--rate-schedule applies only to an open loop, which needs --rate");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "5", "--rate-schedule", "ramp:1:2",
                     "--max-samples", "50"}),
            "--max-samples 50 does not go with --rate-schedule: the measured time is that in which "
            "the rate changes");
  EXPECT_EQ(refusal({"--overhead", "--rate", "4"}),
            "--rate does not go with --overhead, which needs only --n and --seed");
  EXPECT_EQ(refusal({"--rate", "4"}), "--samples FILE is required");
}

TEST(Options, ThatMakeNoSenseAreQuoted) {
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "-1"}),
            "--rate: \"-1\" is not a number from 0 to 1e+06");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "fast"}),
            "--rate: \"fast\" is not a number from 0 to 1e+06");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "nan"}),
            "--rate: \"nan\" is not a number from 0 to 1e+06");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "0.0001"}),
            "--rate 0.0001: expected at least 0.001 arrivals per second, or 0 for a closed loop");
  EXPECT_EQ(refusal({"--samples", "s.csv", "--rate", "5", "--max-in-flight", "0"}),
            "--max-in-flight: \"0\" is not a whole number from 1 to 4096");
  EXPECT_NE(refusal({"--samples", "s.csv", "--rate", "5", "--arrivals", "bursty"}).find("bursty"),
            std::string::npos);
  EXPECT_NE(
      refusal({"--samples", "s.csv", "--rate", "5", "--rate-schedule", "ramp:1"})
          .find("--rate-schedule: \"ramp:1\" is not a valid schedule; expected constant, ramp"),
      std::string::npos);
}

TEST(Options, ThatTheTransportHasNoUseForAreRefused) {
  const auto refusal_of = [](const char* transport, const char* flag, const char* value) {
    return refusal({"--samples", "s.csv", "--transport", transport, flag, value});
  };
  EXPECT_EQ(refusal_of("tcp", "--kernel", "simd"), "--kernel has no effect with --transport tcp");
  EXPECT_EQ(refusal_of("rest", "--rpc-workers", "127.0.0.1:7001"),
            "--rpc-workers has no effect with --transport rest");
  EXPECT_EQ(refusal_of("tcp", "--coordinator", "http://127.0.0.1:8080"),
            "--coordinator has no effect with --transport tcp");
  EXPECT_EQ(refusal_of("ws", "--codec", "json"), "--codec has no effect with --transport ws");
  EXPECT_EQ(refusal_of("ws", "--collection", "poll"),
            "--collection has no effect with --transport ws");
  EXPECT_EQ(refusal_of("tcp-text", "--connections", "per-request"),
            "--connections has no effect with --transport tcp-text");
  EXPECT_EQ(refusal_of("inproc", "--split", "rows"),
            "--split rows has no effect with --transport inproc");
  EXPECT_EQ(refusal_of("inproc", "--split", "none"), "accepted");
  EXPECT_EQ(refusal_of("http", "--codec", "json"), "--codec has no effect with --transport http");
  EXPECT_EQ(refusal_of("rest", "--server", "http://127.0.0.1:8080"),
            "--server has no effect with --transport rest");
  for (const char* transport : {"tcp", "tcp-text", "http", "rest", "ws"}) {
    EXPECT_EQ(refusal_of(transport, "--split", "rows"), "accepted") << transport;
  }
  std::string transports;
  for (const Client* client : clients()) {
    transports.append(transports.empty() ? "" : "|").append(to_string(client));
  }
  EXPECT_EQ(refusal_of("udp", "--n", "8"), "--transport: \"udp\" is not one of " + transports);
}

TEST(Options, SayWhatTheSystemIsAndWhatItMultiplies) {
  const Options options =
      parse({"--samples", "s.csv", "--transport", "rest", "--coordinator", "http://127.0.0.1:80",
             "--codec", "binary", "--collection", "poll", "--connections", "per-request", "--split",
             "grid", "--values", "integer", "--warm-up-span", "1"});
  EXPECT_EQ(to_string(options.system.client), "rest");
  EXPECT_EQ(options.system.codec, Codec::binary);
  EXPECT_EQ(options.system.collection, coordinator::Collection::poll);
  EXPECT_EQ(options.system.connections, http::Connections::per_request);
  EXPECT_EQ(options.system.split, SplitKind::grid);
  EXPECT_EQ(options.values, Values::integer);
  EXPECT_EQ(options.warm_up_span, 1u);
}

TEST(Options, OfTheOverheadNeedNoFile) {
  EXPECT_TRUE(parse({"--overhead"}).overhead);
  EXPECT_EQ(parse({"--overhead", "--n", "64", "--seed", "3"}).n, 64u);
}

TEST(Options, CapabilitiesAreWhatTheFlagsTake) {
  Options options;
  const std::string help = declare(options).help();
  const cli::Capabilities all = capabilities();
  const auto joined = [](const std::vector<std::string>& names) {
    std::string choices;
    for (const std::string& name : names) choices += (choices.empty() ? " " : "|") + name;
    return choices + " ";
  };
  EXPECT_NE(help.find("--kernel" + joined(all.kernels)), std::string::npos);
  EXPECT_NE(help.find("--codec" + joined(all.codecs)), std::string::npos);
  EXPECT_NE(help.find("--transport" + joined(all.transports)), std::string::npos);
  EXPECT_TRUE(parse({"--capabilities", "--samples", "s.csv"}).asks_capabilities);
}

}  // namespace
}  // namespace enxame::load
