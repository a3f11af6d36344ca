// Many uploads at once against one: what a byte costs until it is durable.
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

constexpr size_t triangle_bytes = 50;
constexpr size_t megabyte = 1'000'000;

/// Models of one size, each unlike every other.
class model_maker {
public:
  explicit model_maker(size_t bytes) : text_{box_model(20, 20, 20, bytes / triangle_bytes)} {}

  /// The 80 bytes at the front say which one it is.
  std::string next() {
    auto model = text_;
    const auto name = "model " + std::to_string(++last_);
    model.replace(0, name.size(), name);
    return model;
  }

private:
  const std::string text_;
  size_t last_ = 0;
};

/// Seconds until `count` uploads, begun together, have been acknowledged.
double upload_together(const served_farm& farm, model_maker& models, size_t count, size_t round) {
  std::vector<std::string> bodies;
  std::vector<std::unique_ptr<farm_api>> clients;
  for (size_t i = 0; i < count; ++i) {
    bodies.push_back(models.next());
    const auto name = "up" + std::to_string(round) + "-" + std::to_string(count);
    clients.push_back(
        std::make_unique<farm_api>(farm.port(), farm.token(), name + "-" + std::to_string(i)));
  }
  std::atomic<bool> broken{false};
  const auto began = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < count; ++i)
      threads.emplace_back([&bodies, &clients, &broken, i] {
        try {
          static_cast<void>(clients[i]->upload("large.stl", bodies[i]));
        } catch (const std::exception&) {
          broken = true;
        }
      });
  }
  if (broken)
    throw std::runtime_error{"an upload failed"};
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

} // namespace

std::vector<figure> measure_upload(const effort& how) {
  farm_options options;
  options.park.printers = 1;
  options.past = no_past;
  served_farm farm{options};
  farm.start();
  const size_t together = how.quick ? 8 : 20;
  const size_t size = (how.quick ? 10 : 40) * megabyte;
  model_maker models{size};
  const auto per_mb = [size](double seconds, size_t count) {
    return seconds * 1e3 / (static_cast<double>(size * count) / 1e6);
  };
  std::vector<double> one_ms, many_ms, ratios;
  std::printf("%zu MB each\nround  one [ms/MB]  %zu at once [ms/MB]  ratio\n", size / megabyte,
              together);
  for (size_t round = 0; round < (how.quick ? 5u : 3u); ++round) {
    one_ms.push_back(per_mb(upload_together(farm, models, 1, round), 1));
    many_ms.push_back(per_mb(upload_together(farm, models, together, round), together));
    ratios.push_back(many_ms.back() / one_ms.back());
    std::printf("%5zu  %11.2f  %18.2f  %5.2f\n", round + 1, one_ms.back(), many_ms.back(),
                ratios.back());
  }
  return {{"at once", median(many_ms), median(one_ms), median(ratios)}};
}

} // namespace gantry::bench
