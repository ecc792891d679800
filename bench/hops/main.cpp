// SPDX-License-Identifier: Apache-2.0
// How fast the standard loads run, as a ratio to the cheapest SystemC model of a memory access there is: a blocking
// transport through three modules that do nothing, measured in the same run.
#include <benchmark/benchmark.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <systemc>
#include <tlm>

#include "standard_load.h"

namespace {

using Clock = std::chrono::steady_clock;

// Forwards and adds its delay.
struct Hop : sc_core::sc_module {
  tlm_utils::simple_target_socket<Hop> in{"in"};
  tlm_utils::simple_initiator_socket<Hop> out{"out"};
  explicit Hop(const sc_core::sc_module_name& name) : sc_module{name} {
    in.register_b_transport(this, &Hop::transport);
  }
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += latency;
    out->b_transport(payload, delay);
  }
  sc_core::sc_time latency{1, sc_core::SC_NS};
};

// 16 KiB, as the load `hit`.
struct Memory : sc_core::sc_module {
  tlm_utils::simple_target_socket<Memory> in{"in"};
  explicit Memory(const sc_core::sc_module_name& name) : sc_module{name} {
    in.register_b_transport(this, &Memory::transport);
  }
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    auto* word = &words[payload.get_address() / 8 % words.size()];
    if (payload.is_read())
      std::memcpy(payload.get_data_ptr(), word, sizeof *word);
    else
      std::memcpy(word, payload.get_data_ptr(), sizeof *word);
    delay += latency;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  sc_core::sc_time latency{1, sc_core::SC_NS};
  std::array<std::uint64_t, 2048> words{};
};

// 8-byte accesses at random addresses, 70 % reads, one payload for all of them.
struct Initiator : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Initiator> out{"out"};
  SC_HAS_PROCESS(Initiator);
  explicit Initiator(const sc_core::sc_module_name& name) : sc_module{name} { SC_THREAD(run); }
  void run() {
    tlm::tlm_generic_payload payload;
    std::uint64_t data = 0;
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
    payload.set_data_length(sizeof data);
    payload.set_streaming_width(sizeof data);
    for (;;) {
      wait(go);
      sc_core::sc_time delay;
      for (std::uint64_t i = 0; i < accesses; ++i) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        payload.set_address((random >> 20 & 2047) * 8);
        payload.set_command((random & 0xffff) * 10 < 7 * 0x1'0000 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        out->b_transport(payload, delay);
        sum += data;
      }
      wait(delay);
    }
  }
  sc_core::sc_event go;
  std::uint64_t accesses = 0, random = 0x9e37'79b9'7f4a'7c15U, sum = 0;
};

struct Chain {
  Initiator initiator{"initiator"};
  Hop first{"first"}, second{"second"}, third{"third"};
  Memory memory{"memory"};
  Chain() {
    initiator.out.bind(first.in);
    first.out.bind(second.in);
    second.out.bind(third.in);
    third.out.bind(memory.in);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborates; the initiator waits
  }
};

double hops_per_second = 0;

void hops(benchmark::State& state) {
  static Chain chain;
  chain.initiator.accesses = 1'000'000;
  std::uint64_t done = 0;
  const auto from = Clock::now();
  for ([[maybe_unused]] auto iteration : state) {
    chain.initiator.go.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start();
    done += chain.initiator.accesses;
  }
  hops_per_second = static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - from).count();
  benchmark::DoNotOptimize(chain.initiator.sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(done));
}

void load(benchmark::State& state, staleline::loads::Load which, bool judge) {
  staleline::loads::Options options;
  options.load = which;
  options.judge = judge;
  options.accesses = which == staleline::loads::Load::Hit ? 2'000'000 : 200'000;
  std::uint64_t done = 0;
  const auto from = Clock::now();
  for ([[maybe_unused]] auto iteration : state) done += staleline::loads::run(options).accesses;
  const double rate = static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - from).count();
  state.SetItemsProcessed(static_cast<std::int64_t>(done));
  if (hops_per_second > 0) state.counters["of_hops"] = rate / hops_per_second;
}

using staleline::loads::Load;
BENCHMARK(hops)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, hit, Load::Hit, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, hit_judge, Load::Hit, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, shared, Load::Shared, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, shared_judge, Load::Shared, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, big, Load::Big, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(load, big_judge, Load::Big, true)->Unit(benchmark::kMillisecond);

}  // namespace

// The library of SystemC wants it; the benchmarks start elaboration themselves.
extern "C" int sc_main(int, char**) { return 1; }

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
