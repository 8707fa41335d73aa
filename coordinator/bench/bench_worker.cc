#include "coordinator/bench/bench_worker.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "coordinator/client/frame_pieces.h"
#include "coordinator/push/message_socket.h"
#include "json/envelope.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"
#include "wire/message.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

using wire::rest::kBinaryType;

wire::Factors decode_task(const http::Reply& task, Codec codec) {
  if (codec == Codec::binary) return wire::decode_multiply(task.body);
  // {"taskId":1,"data":{"A":"…","B":"…"}}
  constexpr std::string_view kData = "\"data\":";
  std::string_view data = task.body;
  data.remove_prefix(data.find(kData) + kData.size());
  data.remove_suffix(1);
  const json::Envelope envelope(data);
  return {decode_text<double>(envelope.text("A")), decode_text<double>(envelope.text("B"))};
}

std::string task_number(const http::Reply& task, Codec codec) {
  if (codec == Codec::binary) return std::string(task.header(wire::rest::kTaskHeader));
  const std::size_t begin = std::string_view(R"({"taskId":)").size();
  return task.body.substr(begin, task.body.find(',') - begin);
}

}  // namespace

RestBenchWorker::RestBenchWorker(const std::string& url, Codec codec, Kernel kernel)
    : client_(http::Origin::parse(url)),
      codec_(codec),
      kernel_(kernel),
      thread_([this] { work(); }) {}

RestBenchWorker::~RestBenchWorker() {
  stopping_ = true;
  thread_.join();
}

void RestBenchWorker::work() {
  http::Call ask{.target = "/task/next?wait=200&workerId=w1",
                 .patience = std::chrono::milliseconds(200)};
  if (codec_ == Codec::binary) ask.headers = {{"Accept", kBinaryType}};
  while (!stopping_) {
    const http::Reply task = client_.send(ask);
    if (task.status == 200) compute(task);
  }
}

void RestBenchWorker::compute(const http::Reply& task) {
  WorkerPhases phases;
  Stopwatch watch;
  const wire::Factors factors = decode_task(task, codec_);
  phases.decode = watch.lap();
  const Matrix product = multiply(factors.a, factors.b, kernel_);
  phases.compute = watch.lap();
  const FramePieces frame(product);
  http::Call result{.method = "POST",
                    .target = "/task/" + task_number(task, codec_) + "/result?workerId=w1&lease=" +
                              std::string(task.header(wire::rest::kLeaseHeader))};
  if (codec_ == Codec::binary) {
    result.content_type = kBinaryType;
    result.pieces = {frame.head(), frame.payload(), frame.padding()};
  } else {
    result.content_type = "application/json";
    result.body = R"({"result":")" + encode_text(product) + "\"}";
  }
  phases.encode = watch.lap();
  result.headers = {{wire::rest::kPreferHeader, wire::rest::kPreferMinimal},
                    {wire::rest::kWorkerTimingHeader, to_server_timing(phases)}};
  if (client_.send(result).status != 200) throw std::runtime_error("a product was not accepted");
}

PushBenchWorker::PushBenchWorker(const std::string& url, Kernel kernel)
    : connection_(http::Origin::parse(url), "/ws?role=worker&workerId=w1", {}),
      kernel_(kernel),
      thread_([this] { work(); }) {}

PushBenchWorker::~PushBenchWorker() {
  connection_.wake();
  thread_.join();
}

void PushBenchWorker::work() {
  http::WebSocket& socket = connection_.socket();
  while (socket.await() == http::WebSocket::Event::message) {
    const wire::MessageHeader header = read_message_header(socket);
    WorkerPhases phases;
    Stopwatch watch;
    phases.received_at = watch.lap_began_at();
    const Matrix a = read_matrix(socket);
    const Matrix b = read_matrix(socket);
    phases.decode = watch.lap();
    const Matrix product = multiply(a, b, kernel_);
    phases.compute = watch.lap();
    phases.sent_at = watch.lap_began_at();
    const FramePieces frame(product);
    const auto head = wire::encode_worker_phases(phases);
    send_message(socket, wire::MessageKind::product, header.call_id,
                 {view(head), frame.head(), frame.payload(), frame.padding()});
  }
}

}  // namespace enxame::coordinator
