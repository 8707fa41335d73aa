// The program where others than this machine's programs can reach it: who is let in, and what
// stands before it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/client/client.h"
#include "http/client/websocket_client.h"
#include "http/test/token_file.h"
#include "net/test/test_certificate.h"
#include "testing/process.h"

namespace enxame::coordinator {
namespace {

using enxame::testing::Finished;
using enxame::testing::Process;
using http::TokenFile;
using ::testing::HasSubstr;

const std::string kClientToken = "client-0123456789";
const std::string kWorkerToken = "worker-0123456789";

std::vector<std::string> command_with(std::vector<std::string> flags) {
  flags.insert(flags.begin(), COORDINATOR_PROGRAM);
  return flags;
}

http::Origin origin_of(const Process& program, const std::string& host = "127.0.0.1") {
  return {host, http::Origin::parse("http://" + program.listening_on()).port};
}

http::Call post(const std::string& target, const std::string& body) {
  return {.method = "POST", .target = target, .body = body};
}

/// That a program with these flags does not start, and says why in one line.
void expect_refusal(const std::vector<std::string>& flags, int status, const std::string& words) {
  const Finished finished = enxame::testing::run(command_with(flags));
  EXPECT_EQ(finished.status, status) << words;
  EXPECT_THAT(finished.err, HasSubstr(words));
  EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
}

TEST(OpenToOthers, ListensOnEachLoopbackAddressUnlessItIsToldOne) {
  const Process both(command_with({}));
  for (const char* host : {"127.0.0.1", "[::1]"}) {
    http::Client client(origin_of(both, host));
    EXPECT_EQ(client.send({.target = "/health"}).status, 200) << host;
  }
  const Process one(command_with({"--listen", "127.0.0.1"}));
  http::Client client(origin_of(one, "[::1]"));
  EXPECT_THROW(client.send({.target = "/health"}), std::runtime_error);
}

TEST(OpenToOthers, DoesNotStartWithoutTokensUnlessThatIsMeant) {
  for (const char* address : {"0.0.0.0", "::"}) {
    expect_refusal({"--listen", address}, 1,
                   std::string("other machines can reach ") + address +
                       ", so strangers have to be kept out: give --client-tokens FILE and "
                       "--worker-tokens FILE, or --no-tokens");
    const Process program(command_with({"--listen", address, "--no-tokens"}));
    http::Client client(origin_of(program));
    EXPECT_EQ(client.send({.target = "/stats"}).status, 200) << address;
  }
  const TokenFile clients(kClientToken);
  const TokenFile workers(kWorkerToken);
  const Process program(command_with({"--listen", "0.0.0.0", "--client-tokens", clients.path(),
                                      "--worker-tokens", workers.path()}));
  http::Client client(origin_of(program));
  EXPECT_EQ(client.send({.target = "/stats"}).status, 401);
}

TEST(OpenToOthers, SaysWhatIsWrongWithItsTokens) {
  const TokenFile tokens(kClientToken);
  for (const char* flag : {"--client-tokens", "--worker-tokens"}) {
    expect_refusal({flag, tokens.path()}, 2, "--client-tokens and --worker-tokens go together");
  }
  const auto both = [&](const std::string& workers) {
    return std::vector<std::string>{"--client-tokens", tokens.path(), "--worker-tokens", workers};
  };
  auto contradiction = both(tokens.path());
  contradiction.push_back("--no-tokens");
  expect_refusal(contradiction, 2, "--no-tokens does not go with --client-tokens");
  expect_refusal(both("/nowhere/at/all"), 1, "/nowhere/at/all: No such file");
  const TokenFile readable(kWorkerToken, static_cast<std::filesystem::perms>(0644));
  expect_refusal(both(readable.path()), 1, "open to everybody by mode 0644, expected 0600");
  const TokenFile wrong("a password");
  expect_refusal(both(wrong.path()), 1, "line 1 of " + wrong.path() + " is not a token");
}

class WithTokens : public ::testing::Test {
 protected:
  int status(const std::string& method, const std::string& target, const std::string& token) {
    http::Client client(origin_of(program_), {.identity = {.token = token}});
    return client.send({.method = method, .target = target}).status;
  }

  /// Of the handshake of a WebSocket, 101 where there is one.
  std::string websocket(const std::string& role, const std::string& token) {
    try {
      http::WebSocketClient(origin_of(program_), "/ws?role=" + role,
                            {.identity = {.token = token}});
      return "101";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  TokenFile clients_{"# those who ask\n\nana: " + kClientToken + "\nrui: " + kClientToken + "2\n"};
  TokenFile workers_{kWorkerToken};
  Process program_{command_with(
      {"--client-tokens", clients_.path(), "--worker-tokens", workers_.path(), "--first-id", "1"})};
};

TEST_F(WithTokens, EachRouteIsForItsRole) {
  struct Row {
    const char* method;
    const char* target;
    int client;
    int worker;
    int stranger = 401;
  };
  for (const Row& row : {
           Row{"POST", "/task", 400, 403},
           Row{"POST", "/task/", 400, 403},
           Row{"GET", "/result/1", 404, 403},
           Row{"GET", "/stats", 200, 403},
           Row{"GET", "/workers", 200, 403},
           Row{"GET", "/metrics", 200, 403},
           Row{"GET", "/task/next", 403, 204},
           Row{"POST", "/task/1/result", 403, 404},
           Row{"GET", "/operand/0", 403, 400},
           Row{"GET", "/health", 200, 200, 200},
           Row{"OPTIONS", "/task", 200, 200, 200},
           Row{"GET", "/nothing", 404, 404, 404},
       }) {
    EXPECT_EQ(status(row.method, row.target, kClientToken), row.client) << row.target;
    EXPECT_EQ(status(row.method, row.target, kClientToken + "2"), row.client) << row.target;
    EXPECT_EQ(status(row.method, row.target, kWorkerToken), row.worker) << row.target;
    EXPECT_EQ(status(row.method, row.target, ""), row.stranger) << row.target;
    EXPECT_EQ(status(row.method, row.target, kClientToken + "3"), row.stranger) << row.target;
  }
}

TEST_F(WithTokens, WebSocketsAreForTheirRole) {
  EXPECT_EQ(websocket("client", kClientToken), "101");
  EXPECT_EQ(websocket("worker", kWorkerToken), "101");
  EXPECT_THAT(websocket("client", kWorkerToken), HasSubstr("answered \"HTTP/1.1 403"));
  EXPECT_THAT(websocket("worker", kClientToken), HasSubstr("answered \"HTTP/1.1 403"));
  EXPECT_THAT(websocket("worker", ""), HasSubstr("answered \"HTTP/1.1 401"));
}

TEST(WithTls, SpeaksItAndNothingElse) {
  const net::TestCertificate certificate;
  const std::vector<std::string> flags{"--tls-certificate", certificate.certificate_file(),
                                       "--tls-key", certificate.key_file()};
  const Process program(command_with(flags));
  http::Origin origin = origin_of(program);
  http::Client plain(origin);
  EXPECT_EQ(plain.send({.target = "/health"}).status, 400);
  origin.has_tls = true;
  http::Client client(origin, {.identity = {.authorities_file = certificate.certificate_file()}});
  EXPECT_EQ(client.send({.target = "/health"}).status, 200);
  expect_refusal({"--tls-key", certificate.key_file()}, 2, "--tls-certificate and --tls-key");
  expect_refusal({"--tls-certificate", "/nowhere/at/all", "--tls-key", certificate.key_file()}, 1,
                 "the certificate in /nowhere/at/all: No such file");
}

TEST(BehindAProxy, AnswersBelowItsPrefix) {
  const Process program(command_with({"--path-prefix", "/enxame/"}));
  http::Client client(origin_of(program));
  EXPECT_EQ(client.send({.target = "/enxame/health"}).status, 200);
  EXPECT_EQ(client.send(post("/enxame/task", R"({"A":"[[1]]","B":"[[1]]"})")).status, 200);
  EXPECT_EQ(client.send({.target = "/health"}).status, 404);
  expect_refusal({"--path-prefix", "enxame"}, 2,
                 "--path-prefix: \"enxame\" is not a path such as /enxame");
}

// The waits are longer than clients have patience for.
TEST(BehindAProxy, EndsWaitsBeforeTheProxyLosesPatience) {
  const Process program(command_with({"--longest-wait", "50ms", "--first-id", "1"}));
  http::Client client(origin_of(program), {.timeout = std::chrono::seconds(20)});
  EXPECT_EQ(client.send({.target = "/task/next?wait=60000"}).status, 204);
  EXPECT_EQ(client.send(post("/task?wait=60000", R"({"A":"[[1]]","B":"[[1]]"})")).body,
            R"({"taskId":1})");
  EXPECT_THAT(client.send({.target = "/result/1?wait=60000"}).body, HasSubstr("\"pending\""));
  EXPECT_EQ(client.send({.target = "/workers?count=3&wait=60000"}).status, 200);
  EXPECT_EQ(client.send({.target = "/task/next?wait=60001"}).status, 400);
  expect_refusal({"--longest-wait", "61s"}, 2, "--longest-wait is 61s, expected at most 1m");
  expect_refusal({"--longest-wait", "0s"}, 2, "--longest-wait: \"0s\" is not at least 1ms");
}

TEST(BehindAProxy, TakesWhatClientsOfHttpMaySend) {
  const Process program(command_with({"--first-id", "1"}));
  http::Client client(origin_of(program));
  EXPECT_EQ(client.send(post("/task/", R"({"A":"[[1]]","B":"[[1]]"})")).body, R"({"taskId":1})");
  EXPECT_EQ(client.send({.target = "/result/1/"}).status, 200);
  EXPECT_EQ(client.send({.target = "/stats/"}).status, 200);
  EXPECT_EQ(client.send({.target = "//stats"}).status, 404);
}

}  // namespace
}  // namespace enxame::coordinator
