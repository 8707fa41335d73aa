#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/capabilities.h"
#include "http/client/client.h"
#include "http/test/token_file.h"
#include "matmul/kernel.h"
#include "metrics/test/page.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/proxy/transports.h"
#include "native-baseline/test/support.h"
#include "net/test/test_certificate.h"
#include "testing/process.h"
#include "testing/sanitized.h"

namespace enxame::native {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Process;
using testing::run;
using ::testing::StartsWith;

const std::string kWorker = MATMUL_WORKER;
const std::string kServer = MATMUL_SERVER;
const std::string kTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";

http::Reply multiply(const std::string& server, const std::string& body) {
  http::Client client(http::Origin::parse("http://" + server));
  http::Call call;
  call.method = "POST";
  call.target = "/matmul";
  call.content_type = "application/json";
  call.body = body;
  return client.send(call);
}

class ProgramTest : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Both, ProgramTest, ::testing::Values(kWorker, kServer),
                         [](const auto& program) {
                           return program.param == kWorker ? "Worker" : "Server";
                         });

TEST_P(ProgramTest, HelpSaysHowToUseIt) {
  const testing::Finished finished = testing::run({GetParam(), "--help"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.out, AllOf(StartsWith("usage: matmul-"), HasSubstr("--port N"),
                                  HasSubstr("(default simd)"), HasSubstr("examples:")));
  EXPECT_THAT(finished.err, IsEmpty());
}

TEST_P(ProgramTest, WrongUsageIsOneLineAndTwo) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--prot", "1"},
                                                {"--port", "65536"},
                                                {"--kernel", "magic"},
                                                {"--port"},
                                                {"7001"},
                                                {"--listen", ""}}) {
    std::vector<std::string> command{GetParam()};
    command.insert(command.end(), flags.begin(), flags.end());
    const testing::Finished finished = testing::run(command);
    EXPECT_EQ(finished.status, 2) << flags[0];
    EXPECT_THAT(finished.out, IsEmpty());
    EXPECT_THAT(finished.err, AllOf(StartsWith("matmul-"), EndsWith("(see --help)\n")));
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  }
}

TEST(ProgramsTest, BoundsInWhichNothingHasRoomAreRefused) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{kWorker, "--max-message", "0"},
        {kWorker, "--max-message", "255"},
        {kWorker, "--message-timeout", "0"},
        {kWorker, "--max-memory", "0"},
        {kWorker, "--max-memory", "1MiB", "--max-message", "2MiB"},
        {kWorker, "--max-memory", "20MiB", "--max-message", "20MiB"},
        {kWorker, "--max-memory", "20MiB", "--max-message", "20MiB", "--transport", "tcp-text"},
        {kWorker, "--max-memory", "20MiB", "--max-message", "20MiB", "--transport", "grpc"},
        {kServer, "--max-product", "0"},
        {kServer, "--max-memory", "0"},
        {kServer, "--max-memory", "1MiB", "--max-product", "2MiB"},
        {kServer, "--max-in-flight", "1MiB", "--max-product", "2MiB"},
        {kServer, "--mode", "distributed", "--workers", "127.0.0.1:1", "--call-timeout", "0"}}) {
    const testing::Finished finished = testing::run(command);
    EXPECT_EQ(finished.status, 2) << command[1] << ' ' << command[2];
    EXPECT_THAT(finished.err, AllOf(StartsWith("matmul-"), HasSubstr("expected")));
  }
}

// Its text would be computed, and then find no room among the answers.
TEST(ProgramsTest, AProductBeyondWhatAnswersMayTakeIsRefusedBeforeItIsComputed) {
  const testing::Process server({kServer, "--max-in-flight", "64KiB"});
  std::string column = "[[1]";
  std::string row = "[[1";
  for (int i = 1; i < 200; ++i) {
    column += ",[1]";
    row += ",1";
  }
  const http::Reply outer =
      multiply(server.listening_on(), R"({"A":")" + column + R"(]","B":")" + row + R"(]]"})");
  EXPECT_EQ(outer.status, 413);
  EXPECT_THAT(outer.body, AllOf(HasSubstr("at most 65536"), HasSubstr("--max-product")));
}

TEST(ProgramsTest, AWorkersMemoryIsToldInItsParts) {
  EXPECT_THAT(testing::run({kWorker, "--max-memory", "20MiB", "--max-message", "20MiB"}).err,
              AllOf(HasSubstr("--max-memory is 20MiB, of which tasks have 15MiB and kept operands "
                              "5MiB: expected "),
                    HasSubstr("of 20MiB each (--max-message)")));
}

TEST(ProgramsTest, TheServerTakesLittleMemoryForSmallHostileBodies) {
  if (testing::kIsSanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  const testing::Process server({kServer});
  EXPECT_EQ(multiply(server.listening_on(), kTask).status, 200);
  const std::size_t before = server.peak_bytes();
  std::string column = "[[1]";
  std::string row = "[[1";
  for (int i = 1; i < 16'000; ++i) {
    column += ",[1]";
    row += ",1";
  }
  // 98 KB of an outer product, whose text takes gigabytes.
  const http::Reply outer =
      multiply(server.listening_on(), R"({"A":")" + column + R"(]","B":")" + row + R"(]]"})");
  EXPECT_EQ(outer.status, 413);
  EXPECT_THAT(outer.body, AllOf(HasSubstr("16000 × 16000"), HasSubstr("--max-product")));
  const std::size_t length = 4'000'000;
  std::string objects = R"({"x":[)";
  while (objects.size() < length) objects += R"({"\u0061":"\u0062"},)";
  for (const std::string& body :
       {std::string(length, '['), R"({"A":)" + std::string(length, '['), objects + "0]}",
        R"({"A":")" + std::string(length, '['), R"({"n":)" + std::string(length, '9') + "}"}) {
    EXPECT_EQ(multiply(server.listening_on(), body).status, 400) << body.substr(0, 10);
  }
  EXPECT_LT(server.peak_bytes() - before, std::size_t{100} << 20);
}

TEST_P(ProgramTest, APortInUseIsOneLineAndOne) {
  const testing::Process first({GetParam()});
  const std::string address = first.listening_on();
  const testing::Finished second =
      testing::run({GetParam(), "--port", address.substr(address.rfind(':') + 1)});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.out, IsEmpty());
  EXPECT_THAT(second.err, HasSubstr(address));
  EXPECT_EQ(std::ranges::count(second.err, '\n'), 1) << second.err;
}

TEST_P(ProgramTest, AnAddressThatIsNotOursIsOneLineAndOne) {
  for (const std::string host : {"192.0.2.1", "no-such-host.invalid"}) {
    const testing::Finished finished = testing::run({GetParam(), "--listen", host});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.err, HasSubstr(host));
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  }
}

TEST_P(ProgramTest, SignalsEndItWithZero) {
  for (const int signal : {SIGTERM, SIGINT}) {
    testing::Process process({GetParam()});
    EXPECT_THAT(process.listening_on(), StartsWith("127.0.0.1:"));
    process.send(signal);
    EXPECT_EQ(process.wait(), 0);
  }
}

TEST(MatmulServerTest, FlagsThatDoNotGoTogetherAreWrongUsage) {
  EXPECT_THAT(testing::run({kServer, "--mode", "distributed"}).err, HasSubstr("needs --workers"));
  EXPECT_THAT(testing::run({kServer, "--workers", "a:1"}).err,
              HasSubstr("has no effect with --mode local"));
  EXPECT_THAT(
      testing::run({kServer, "--mode=distributed", "--workers", "a:1", "--threads", "2"}).err,
      HasSubstr("--threads has no effect with --mode distributed"));
  EXPECT_THAT(testing::run({kServer, "--verify", "all"}).err,
              HasSubstr("--verify has no effect with --mode local"));
  EXPECT_THAT(testing::run({kServer, "--mode=distributed", "--workers", "a:1,b"}).err,
              HasSubstr("\"b\" is not HOST:PORT"));
  EXPECT_EQ(testing::run({kServer, "--mode=distributed", "--workers", "a:1,a:1"}).status, 2);
}

TEST(MatmulServerTest, FlagsOfSplittingThatDoNotGoTogetherAreWrongUsage) {
  EXPECT_THAT(testing::run({kServer, "--split", "rows"}).err,
              HasSubstr("--split has no effect with --mode local"));
  EXPECT_THAT(testing::run({kServer, "--mode=distributed", "--workers", "a:1", "--no-reuse"}).err,
              HasSubstr("--no-reuse has no effect without --split rows or grid"));
  EXPECT_THAT(
      testing::run({kServer, "--mode=distributed", "--workers", "a:1", "--split", "thirds"}).err,
      HasSubstr("\"thirds\" is not one of none|rows|grid"));
}

TEST(MatmulServerTest, MultipliesLocally) {
  const testing::Process server({kServer, "--kernel", "naive"});
  const http::Reply reply = multiply(server.listening_on(), kTask);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "[[19,22],[43,50]]");
}

TEST(MatmulServerTest, IsForThoseWhoShowATokenWhereOthersCanReachIt) {
  const testing::Finished open = testing::run({kServer, "--listen", "0.0.0.0"});
  EXPECT_EQ(open.status, 1);
  EXPECT_THAT(open.err, HasSubstr("give --client-tokens FILE, or --no-tokens"));

  const http::TokenFile tokens("client-0123456789");
  const testing::Process server(
      {kServer, "--client-tokens", tokens.path(), "--path-prefix", "/native"});
  const http::Origin origin = http::Origin::parse("http://" + server.listening_on());
  const auto status = [&](const std::string& target, const std::string& token) {
    http::Client client(origin, {.identity = {.token = token}});
    return client.send({.method = "POST", .target = target, .body = kTask}).status;
  };
  EXPECT_EQ(status("/native/matmul", "client-0123456789"), 200);
  EXPECT_EQ(status("/native/matmul", ""), 401);
  EXPECT_EQ(status("/matmul", "client-0123456789"), 404);
  http::Client stranger(origin);
  EXPECT_EQ(stranger.send({.target = "/native/health"}).status, 200);
  EXPECT_EQ(stranger.send({.target = "/native/metrics"}).status, 401);
}

TEST(MatmulServerTest, SpeaksTlsWithACertificate) {
  const net::TestCertificate certificate;
  const testing::Process server({kServer, "--tls-certificate", certificate.certificate_file(),
                                 "--tls-key", certificate.key_file()});
  http::Client client(http::Origin::parse("https://" + server.listening_on()),
                      {.identity = {.authorities_file = certificate.certificate_file()}});
  EXPECT_EQ(client.send({.method = "POST", .target = "/matmul", .body = kTask}).body,
            "[[19,22],[43,50]]");
  EXPECT_THAT(testing::run({kServer, "--tls-key", certificate.key_file()}).err,
              HasSubstr("--tls-certificate and --tls-key go together"));
}

TEST(MatmulServerTest, MultipliesOnWorkersAndOutlivesThem) {
  testing::Process first({kWorker});
  testing::Process second({kWorker, "--kernel=naive"});
  const testing::Process server({kServer, "--mode", "distributed", "--workers",
                                 first.listening_on() + "," + second.listening_on()});
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(multiply(server.listening_on(), kTask).body, "[[19,22],[43,50]]");
  first.send(SIGKILL);
  first.wait();
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(multiply(server.listening_on(), kTask).body, "[[19,22],[43,50]]");
  second.send(SIGTERM);
  EXPECT_EQ(second.wait(), 0);
  const http::Reply none = multiply(server.listening_on(), kTask);
  EXPECT_EQ(none.status, 502);
  EXPECT_THAT(none.body, AllOf(HasSubstr(first.listening_on()), HasSubstr(second.listening_on())));
}

TEST(MatmulServerTest, QuarantinesAWorkerWhoseProductIsWrong) {
  LyingMatmul lying;
  const auto liar = rpc::tcp_transport().serve({}, lying);
  const testing::Process honest({kWorker});
  const std::string workers =
      "127.0.0.1:" + std::to_string(liar->port()) + "," + honest.listening_on();
  const auto metric = [](const testing::Process& server, const std::string& series) {
    http::Client client(http::Origin::parse("http://" + server.listening_on()));
    return metrics::value_of(client.send({.target = "/metrics"}).body, series);
  };
  const testing::Process server({kServer, "--mode", "distributed", "--workers", workers});
  EXPECT_EQ(metric(server, "enxame_workers_quarantined"), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(multiply(server.listening_on(), kTask).body, "[[19,22],[43,50]]");
  }
  EXPECT_EQ(lying.lies(), 1);
  EXPECT_EQ(metric(server, "enxame_workers_quarantined"), 1);
  EXPECT_EQ(metric(server, "enxame_products_verified_total{outcome=\"right\"}"), 3);
  EXPECT_EQ(metric(server, "enxame_products_verified_total{outcome=\"wrong\"}"), 1);

  const testing::Process trusting(
      {kServer, "--mode", "distributed", "--workers", workers, "--verify", "off"});
  EXPECT_EQ(multiply(trusting.listening_on(), kTask).body, "[[19,22],[43,51]]");
}

TEST(MatmulServerTest, EndsInTimeThoughAWorkerIsSilent) {
  std::promise<void> asked;
  native::FakeWorker silent([&](auto& socket) {
    native::read_request(socket);
    asked.set_value();
    native::read_all(socket);
  });
  testing::Process server({kServer, "--mode", "distributed", "--workers",
                           to_string(silent.address()), "--drain-timeout", "50ms"});
  auto reply =
      std::async(std::launch::async, [&] { return multiply(server.listening_on(), kTask); });
  asked.get_future().wait();
  server.send(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_THROW(reply.get(), std::runtime_error);
}

TEST(MatmulWorkerTest, TransportsThatThisBuildHasNotAreWrongUsage) {
  std::string choices;
  for (const rpc::Transport* transport : native::transports()) {
    choices.append(choices.empty() ? "" : "|").append(to_string(transport));
  }
  for (const std::string& program : {kWorker, kServer}) {
    EXPECT_THAT(testing::run({program, "--transport", "carrier-pigeon"}).err,
                HasSubstr("\"carrier-pigeon\" is not one of " + choices + " "));
  }
}

TEST(MatmulWorkerTest, SaysWhatItCanDo) {
  const testing::Finished finished = testing::run({kWorker, "--capabilities"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.err, IsEmpty());
  const auto said = nlohmann::json::parse(finished.out);
  EXPECT_EQ(said.at("kernels"), nlohmann::json(cli::names_of(available_kernels())));
  EXPECT_EQ(said.at("transports"), nlohmann::json(cli::names_of(native::transports())));
  EXPECT_EQ(said.at("codecs"), nlohmann::json({"binary", "json"}));
  EXPECT_EQ(said.size(), 3U);
}

TEST(MatmulWorkerTest, FlagsThatATransportHasNoUseForAreWrongUsage) {
  for (const rpc::Transport* transport : native::transports()) {
    if (transport->traits().times_out_messages) continue;
    const std::string name(to_string(transport));
    const testing::Finished finished =
        testing::run({kWorker, "--transport", name, "--message-timeout", "3s"});
    EXPECT_EQ(finished.status, 2);
    EXPECT_THAT(finished.err,
                HasSubstr("--message-timeout has no effect with --transport " + name));
  }
}

TEST(MatmulWorkerTest, ValuesThatMakeItUselessAreWrongUsage) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--message-timeout", "0s"},
                                                {"--message-timeout", "1"},
                                                {"--max-message", "0"},
                                                {"--allow-host", "a"}}) {
    std::vector<std::string> command{kWorker};
    command.insert(command.end(), flags.begin(), flags.end());
    EXPECT_EQ(testing::run(command).status, 2) << flags[0];
  }
}

TEST(MatmulServerTest, ReachesItsWorkersOverTheTransportThatItIsTold) {
  const testing::Process worker({kWorker, "--transport", "tcp-text"});
  const testing::Process server({kServer, "--mode", "distributed", "--transport", "tcp-text",
                                 "--workers", worker.listening_on()});
  EXPECT_EQ(multiply(server.listening_on(), kTask).body, "[[19,22],[43,50]]");
}

/// Products that a worker has delivered, by its metrics.
double products_of(const testing::Process& worker) {
  http::Client client(http::Origin::parse("http://" + worker.metrics_on()));
  return metrics::value_of(client.send({.target = "/metrics"}).body,
                           "enxame_worker_tasks_total{outcome=\"product\"}");
}

TEST(MatmulServerTest, SplitsAMultiplicationOverTheOriginalsTextAmongItsWorkers) {
  const std::vector<std::string> command{kWorker, "--transport", "tcp-text", "--metrics-port", "0"};
  const testing::Process one(command);
  const testing::Process two(command);
  const std::string workers = one.listening_on() + "," + two.listening_on();
  for (const auto& [split, tiles] :
       {std::pair{std::string("none"), 1}, {std::string("rows"), 2}, {std::string("grid"), 2}}) {
    const testing::Process server({kServer, "--mode", "distributed", "--transport", "tcp-text",
                                   "--workers", workers, "--split", split});
    const double before = products_of(one) + products_of(two);
    EXPECT_EQ(multiply(server.listening_on(), kTask).body, "[[19,22],[43,50]]") << split;
    EXPECT_EQ(products_of(one) + products_of(two) - before, tiles) << split;
  }
  // Each had a tile of each split multiplication.
  EXPECT_GE(products_of(one), 2);
  EXPECT_GE(products_of(two), 2);
}

TEST(MatmulWorkerTest, AnswersMetricsOnlyWhereItIsTold) {
  EXPECT_THAT(testing::Process({kWorker}).metrics_on(), IsEmpty());

  const testing::Process worker({kWorker, "--metrics-port", "0"});
  const testing::Process server(
      {kServer, "--mode", "distributed", "--workers", worker.listening_on()});
  multiply(server.listening_on(), kTask);
  http::Client client(http::Origin::parse("http://" + worker.metrics_on()));
  http::Call call;
  call.target = "/metrics";
  EXPECT_EQ(
      metrics::value_of(client.send(call).body, "enxame_worker_tasks_total{outcome=\"product\"}"),
      1);
  call.target = "/matmul";
  EXPECT_EQ(client.send(call).status, 404);
}

TEST(MatmulWorkerTest, AWorkerKilledInTheMiddleOfATaskLosesItToAnother) {
  testing::Process stopped({kWorker});
  const testing::Process other({kWorker});
  MatmulProxy proxy({rpc::parse_worker_address(stopped.listening_on()),
                     rpc::parse_worker_address(other.listening_on())});
  stopped.send(SIGSTOP);  // it takes the connection and the task, and never answers
  stopped.kill_after(std::chrono::milliseconds(100));
  const Product product = proxy.multiply(Matrix{{2}}, Matrix{{3}});
  EXPECT_EQ(product.matrix, Matrix({{6}}));
  EXPECT_EQ(product.worker, other.listening_on());
}

TEST(MatmulWorkerTest, LiesFromASignalOnWhereATestAsksForIt) {
  const testing::Process worker({kWorker, "--corrupt-on-sigusr1"});
  MatmulProxy proxy({rpc::parse_worker_address(worker.listening_on())});
  EXPECT_EQ(proxy.multiply(Matrix{{2}}, Matrix{{3}}).matrix, Matrix({{6}}));
  worker.send(SIGUSR1);
  Matrix product = Matrix({{6}});
  while (product == Matrix({{6}})) product = proxy.multiply(Matrix{{2}}, Matrix{{3}}).matrix;
  EXPECT_EQ(product, Matrix({{7}}));
}

}  // namespace
}  // namespace enxame::native
