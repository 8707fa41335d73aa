#include "http/flags/server_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "http/test/token_file.h"

namespace enxame::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using Parties = ServerFlags::Parties;

const std::string kOfClient = "client-0123456789";
const std::string kOfWorker = "worker-0123456789";

/// The options of a server that was started with these arguments.
ServerOptions read(std::vector<std::string> args, Parties parties = Parties::clients) {
  ServerOptions options;
  options.max_in_flight_bytes = std::size_t{1} << 30;
  cli::Flags flags("server", "serves");
  ServerFlags server(flags, options, parties, 100);
  std::vector<const char*> argv{"server"};
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  EXPECT_EQ(flags.parse(static_cast<int>(argv.size()), argv.data()), cli::Request::run);
  server.check();
  server.read_tokens();
  return options;
}

auto refuses(const std::string& words) { return ThrowsMessage<cli::UsageError>(HasSubstr(words)); }

TEST(ServerFlagsTest, DemandTokensWhereOtherMachinesComeFrom) {
  for (const char* listen : {"localhost", "127.0.0.1", "::1"}) {
    EXPECT_THAT(read({"--listen", listen}).authentication.client_tokens, IsEmpty()) << listen;
  }
  for (const char* listen : {"0.0.0.0", "::", "10.0.0.7", "example.org"}) {
    EXPECT_THAT(
        [&] {
          read({"--listen", listen});
        },
        ThrowsMessage<std::runtime_error>(
            AllOf(HasSubstr(listen), HasSubstr("--client-tokens FILE"), HasSubstr("--no-tokens"))));
    EXPECT_NO_THROW(read({"--listen", listen, "--no-tokens"})) << listen;
  }
  EXPECT_THAT(
      [] {
        read({"--listen", "::"}, Parties::clients_and_workers);
      },
      ThrowsMessage<std::runtime_error>(
          HasSubstr("--client-tokens FILE and --worker-tokens FILE")));
}

TEST(ServerFlagsTest, ReadTheTokensOfEitherParty) {
  const TokenFile clients(kOfClient);
  const TokenFile workers(kOfWorker + "\n" + kOfClient);
  const AuthenticationOptions both = read({"--listen", "0.0.0.0", "--client-tokens", clients.path(),
                                           "--worker-tokens", workers.path()},
                                          Parties::clients_and_workers)
                                         .authentication;
  EXPECT_THAT(both.client_tokens, ElementsAre(kOfClient));
  EXPECT_THAT(both.worker_tokens, ElementsAre(kOfWorker, kOfClient));
  EXPECT_THAT([&] { read({"--worker-tokens", workers.path()}); }, refuses("--worker-tokens"));
  EXPECT_THROW(read({"--client-tokens", ""}), std::runtime_error)
      << "no file, rather than none asked";
}

TEST(ServerFlagsTest, RefuseWhatDoesNotGoTogether) {
  const TokenFile tokens(kOfClient);
  const std::vector<std::string> clients{"--client-tokens", tokens.path()};
  EXPECT_NO_THROW(read(clients));
  EXPECT_THAT([&] { read(clients, Parties::clients_and_workers); }, refuses("go together"));
  EXPECT_THAT(
      [&] {
        read({"--client-tokens", tokens.path(), "--no-tokens"});
      },
      refuses("--no-tokens does not go with --client-tokens"));
  EXPECT_THAT([] { read({"--tls-key", "key.pem"}); }, refuses("--tls-certificate and --tls-key"));
  EXPECT_THAT(
      [] {
        read({"--max-body", "1MiB", "--max-in-flight", "100KiB"});
      },
      refuses("more than all bodies may take together"));
  EXPECT_THAT([] { read({"--max-body", "99"}); }, refuses("--max-body"));
}

}  // namespace
}  // namespace enxame::http
