#include "load/clients/clients.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

#include "cli/flags.h"
#include "http/test/token_file.h"
#include "load/options.h"
#include "native-baseline/front/http_front.h"
#include "native-baseline/local/local_matmul.h"
#include "native-baseline/proxy/transports.h"

namespace enxame::load {
namespace {

const Client* client_of(std::string_view transport) {
  for (const Client* client : clients()) {
    if (to_string(client) == transport) return client;
  }
  throw std::invalid_argument("no client of " + std::string(transport));
}

std::string refusal(const SystemOptions& options) {
  try {
    options.open();
    return "opened";
  } catch (const cli::UsageError& error) {
    return error.what();
  }
}

TEST(Clients, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Client* client : clients()) {
    EXPECT_TRUE(names.insert(to_string(client)).second) << to_string(client);
  }
  for (const rpc::Transport* transport : native::transports()) {
    EXPECT_TRUE(names.contains(to_string(transport))) << to_string(transport);
  }
}

TEST(Clients, ReadOnlyFlagsThatThereAre) {
  Options options;
  const std::string help = declare(options).help();
  for (const Client* client : clients()) {
    for (const std::string_view flag : client->traits().flags) {
      EXPECT_NE(help.find("  --" + std::string(flag) + " "), std::string::npos) << flag;
    }
  }
}

// A flag of the system that some client does not read must be refused with that client.
TEST(Clients, RefuseEveryFlagThatOthersReadAndTheyDoNot) {
  std::set<std::string> read;
  for (const Client* client : clients()) {
    for (const std::string_view flag : client->traits().flags) read.emplace(flag);
  }
  const auto value_of = [](const std::string& flag) -> std::string {
    if (flag == "kernel") return "simd";
    if (flag == "rpc-workers") return "127.0.0.1:1";
    if (flag == "codec") return "json";
    if (flag == "collection") return "poll";
    if (flag == "connections") return "kept";
    if (flag == "split") return "rows";
    if (flag == "repeat") return "";  // it has none
    return "http://127.0.0.1:1";
  };
  for (const Client* client : clients()) {
    for (const std::string& flag : read) {
      Options options;
      cli::Flags flags = declare(options);
      const std::string transport(to_string(client));
      const std::string name = "--" + flag;
      const std::string value = value_of(flag);
      std::vector<const char*> argv{"load-generator", "--samples",       "s.csv",
                                    "--transport",    transport.c_str(), name.c_str()};
      if (!value.empty()) argv.push_back(value.c_str());
      flags.parse(static_cast<int>(argv.size()), argv.data());
      if (client->reads(flag)) {
        EXPECT_NO_THROW(check(options, flags)) << transport << " " << flag;
      } else {
        EXPECT_THROW(check(options, flags), cli::UsageError) << transport << " " << flag;
      }
    }
  }
}

TEST(Clients, SayWhatTheyLack) {
  EXPECT_EQ(refusal({.client = client_of("tcp"), .workers = 2}),
            "--transport tcp with --workers 2 needs as many addresses in --rpc-workers, not 0");
  EXPECT_EQ(refusal({.client = client_of("rest")}),
            "--transport rest needs --coordinator, such as http://127.0.0.1:8080");
  EXPECT_EQ(refusal({.client = client_of("ws")}),
            "--transport ws needs --coordinator, such as http://127.0.0.1:8080");
  EXPECT_EQ(refusal({.client = client_of("http")}),
            "--transport http needs --server, such as http://127.0.0.1:8080");
  EXPECT_EQ(refusal({.client = client_of("inproc")}), "opened");
}

TEST(Clients, ExpectTheWorkersThatNameThemselves) {
  const auto named = [](std::string_view transport, SplitKind split) {
    return SystemOptions{.client = client_of(transport), .workers = 3, .split = split}
        .named_workers();
  };
  for (const char* transport : {"tcp", "tcp-text", "http", "rest"}) {
    EXPECT_EQ(named(transport, SplitKind::none), 3u) << transport;
    EXPECT_EQ(named(transport, SplitKind::rows), 1u) << transport;
  }
  EXPECT_EQ(named("inproc", SplitKind::none), 1u);
}

TEST(Clients, OfHttpMultiplyThroughTheFrontOfTheNativeSystem) {
  native::LocalMatmul local(Kernel::naive, 1);
  native::FrontMetrics metrics;
  http::Server server(native::front_options({}), native::matmul_front(local, metrics));
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  const auto system = SystemOptions{.client = client_of("http"), .server = url}.open();
  const Product product = system->multiply(Matrix{{1, 2}, {3, 4}}, Matrix{{5, 6}, {7, 8}});
  EXPECT_EQ(product.matrix, (Matrix{{19, 22}, {43, 50}}));
  EXPECT_EQ(product.worker, url);
}

TEST(Clients, ShowTheirToken) {
  const http::TokenFile file("client-0123456789");
  native::LocalMatmul local(Kernel::naive, 1);
  native::FrontMetrics metrics;
  http::Server server(
      native::front_options({.authentication = {.client_tokens = {"client-0123456789"}}}),
      native::matmul_front(local, metrics));
  SystemOptions options{.client = client_of("http"),
                        .server = "http://127.0.0.1:" + std::to_string(server.port())};
  EXPECT_THROW(options.open()->multiply(Matrix{{2}}, Matrix{{3}}), std::runtime_error);
  options.token_file = file.path();
  EXPECT_EQ(options.open()->multiply(Matrix{{2}}, Matrix{{3}}).matrix, Matrix{{6}});
  options.token_file = "/nowhere/at/all";
  EXPECT_THROW(options.open(), std::runtime_error);
}

}  // namespace
}  // namespace enxame::load
