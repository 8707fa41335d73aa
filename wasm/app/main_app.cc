#include "wasm/app/main_app.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "json/writer.h"

namespace enxame::app {
namespace {

std::string in_words(Duration duration) {
  return worker::to_words(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
}

void write_preview(json::Writer& json, const std::vector<std::vector<std::string>>& rows) {
  json.key("preview").open_array();
  for (const auto& row : rows) {
    json.open_array();
    for (const std::string& value : row) json.value(value);
    json.close_array();
  }
  json.close_array();
}

void write(json::Writer& json, const Submission& submission) {
  const Shape a = submission.a_shape();
  const Shape b = submission.b_shape();
  json.open_object()
      .member("number", submission.number())
      .member("state", to_string(submission.state()))
      .member("task", submission.task() ? std::to_string(*submission.task()) : "")
      .member("shapes", to_string(a) + " times " + to_string(b))
      .member("product", to_string(Shape{a.rows, b.cols}))
      .member("message", submission.message())
      .member("elapsed", in_words(submission.elapsed()))
      .member("worker", submission.worker())
      .member("timing", submission.timing())
      .member("active", submission.is_active())
      .member("mayRestart", submission.may_restart())
      .member("productBytes", submission.product_text().size());
  write_preview(json, submission.product_preview());
  json.close_object();
}

void write(json::Writer& json, const KnownWorker& worker) {
  json.open_object()
      .member("id", worker.id)
      .member("state", worker.state)
      .member("seen", worker::to_words(std::chrono::milliseconds(worker.last_seen_ms)) + " ago")
      .member("completed", std::to_string(worker.completed))
      .close_object();
}

}  // namespace

std::uint64_t MainApp::submit(worker::Operands operands) {
  const auto submission =
      std::make_shared<Submission>(++submitted_, std::move(operands), host_, long_polls_);
  submissions_.push_back(submission);
  submission->start();
  return submission->number();
}

void MainApp::submit_again(std::uint64_t number) { (*find(number))->start(); }

void MainApp::dismiss(std::uint64_t number) {
  submissions_.erase(find(number));
  host_.changed();
}

const Submission& MainApp::submission(std::uint64_t number) const { return **find(number); }

std::vector<std::shared_ptr<Submission>>::const_iterator MainApp::find(std::uint64_t number) const {
  const auto found =
      std::find_if(submissions_.begin(), submissions_.end(),
                   [&](const auto& submission) { return submission->number() == number; });
  if (found == submissions_.end()) {
    throw std::out_of_range("no submission " + std::to_string(number));
  }
  return found;
}

std::string to_view(const MainApp& app) {
  json::Writer json;
  json.open_object()
      .member("coordinator", to_string(app.watch().coordinator()))
      .member("message", app.watch().message());
  json.key("workers").open_array();
  for (const KnownWorker& worker : app.watch().workers()) write(json, worker);
  json.close_array().key("submissions").open_array();
  for (const auto& submission : app.submissions()) write(json, *submission);
  return json.close_array().close_object().take();
}

}  // namespace enxame::app
