#include <emscripten.h>

#include <cstddef>
#include <new>
#include <string>
#include <utility>

#include "wasm/app/main_app.h"
#include "wasm/app/matrix_input.h"
#include "wasm/browser/browser_host.h"

using namespace enxame;

namespace {

/// The app of one page, and the text that it last answered with.
struct AppModule {
  browser::BrowserHost host;
  app::MainApp app{host};
  std::string text;

  const char* say(std::string what) {
    text = std::move(what);
    return text.c_str();
  }

  /// Submits what `make` gives; says nothing, or what was wrong with the input.
  template <typename Make>
  const char* submit(Make&& make) {
    try {
      app.submit(make());
      return say({});
    } catch (const app::InputError& error) {
      return say(error.what());
    } catch (const std::bad_alloc&) {
      return say("The matrices are too large for this page's memory.");
    }
  }
};

}  // namespace

// Every text that a function returns is valid until the next call.
extern "C" {

/// Makes the page's app and starts it. It lives as long as the page.
EMSCRIPTEN_KEEPALIVE AppModule* app_create() {
  auto* const module = new AppModule;
  module->app.start();
  return module;
}

/// What can be said of two typed matrices, as JSON (see to_view(PairCheck)).
EMSCRIPTEN_KEEPALIVE const char* app_check(AppModule* module, const char* a, std::size_t a_bytes,
                                           const char* b, std::size_t b_bytes) {
  return module->say(app::to_view(app::check_pair({a, a_bytes}, {b, b_bytes})));
}

/// Submits two typed matrices. Returns an empty text, or what is wrong with them.
EMSCRIPTEN_KEEPALIVE const char* app_submit_typed(AppModule* module, const char* a,
                                                  std::size_t a_bytes, const char* b,
                                                  std::size_t b_bytes) {
  return module->submit([&] { return app::parse_pair({a, a_bytes}, {b, b_bytes}); });
}

/// Submits two generated matrices. Returns an empty text, or what is wrong with the four fields.
EMSCRIPTEN_KEEPALIVE const char* app_submit_generated(AppModule* module, const char* rows,
                                                      std::size_t rows_bytes, const char* inner,
                                                      std::size_t inner_bytes, const char* cols,
                                                      std::size_t cols_bytes, const char* seed,
                                                      std::size_t seed_bytes) {
  return module->submit([&] {
    return app::generate(app::parse_recipe({rows, rows_bytes}, {inner, inner_bytes},
                                           {cols, cols_bytes}, {seed, seed_bytes}));
  });
}

EMSCRIPTEN_KEEPALIVE void app_submit_again(AppModule* module, unsigned number) {
  module->app.submit_again(number);
}

EMSCRIPTEN_KEEPALIVE void app_dismiss(AppModule* module, unsigned number) {
  module->app.dismiss(number);
}

/// What the page shows, as JSON (see to_view(MainApp)).
EMSCRIPTEN_KEEPALIVE const char* app_view(AppModule* module) {
  return module->say(app::to_view(module->app));
}

/// The whole product of a completed submission.
EMSCRIPTEN_KEEPALIVE const char* app_product(AppModule* module, unsigned number) {
  return module->app.submission(number).product_text().c_str();
}

}  // extern "C"
