// Goal: the simulated resin printer behaves like the machines in the field, faults included, and
// its log tells what really happened. Method: virtual time, bytes in and out.
#include "tests/sim/anycubic_fixture.hpp"

using namespace gantry::sim;
using namespace gantry::sim::test;

BOOST_AUTO_TEST_CASE(a_print_goes_from_layer_to_layer_to_its_end) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  BOOST_TEST(machine.ask(client, "goprint,0.pwmb,") == "goprint,OK,end");
  BOOST_TEST(machine.ask(client, "getstatus,")
                 .starts_with(
                     "getstatus,print,Widget.pwmb/0.pwmb,10,0,0,0,100,~100mL,UV,39.38,0.05,0,end"));
  machine.run(4s + 10s * 4 + 5s);
  BOOST_TEST(machine.ask(client, "getstatus,")
             == "getstatus,print,Widget.pwmb/0.pwmb,10,50,5,45,50,~100mL,UV,39.38,0.05,0,end");
  machine.run(57s);
  BOOST_TEST(machine.ask(client, "getstatus,") == "getstatus,finish,end");
  machine.run(10s);
  BOOST_TEST(machine.ask(client, "getstatus,") == "getstatus,stop\r\n,end");
  const auto layers = machine.logged("layer");
  BOOST_REQUIRE(layers.size() == 10);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    BOOST_TEST(layers[i]["layer"] == i + 1);
    BOOST_TEST(layers[i]["t_ms"] == 4'000 + 10'000 * i);
  }
  BOOST_TEST(machine.logged("print_finished").size() == 1);
  BOOST_TEST(machine.state()["happened"]["print_started"] == 1);
}

BOOST_AUTO_TEST_CASE(a_pause_shows_only_after_the_layer_and_the_lift) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  machine.ask(client, "goprint,0.pwmb,");
  machine.run(4s + 12s);
  BOOST_TEST(machine.ask(client, "gopause,") == "gopause,OK,end");
  BOOST_TEST(machine.ask(client, "gopause,") == "gopause,ERROR1,end");
  machine.run(13s);
  BOOST_TEST(machine.ask(client, "getstatus,").starts_with("getstatus,print,"));
  machine.run(2s);
  BOOST_TEST(
      machine.ask(client, "getstatus,").starts_with("getstatus,pause,Widget.pwmb/0.pwmb,10,20,2,"));
  machine.run(3600s);
  BOOST_TEST(machine.state()["layer"] == 2);
  BOOST_TEST(machine.ask(client, "goresume,") == "goresume,OK,end");
  BOOST_TEST(machine.ask(client, "goresume,") == "goresume,ERROR1,end");
  machine.run(4s);
  BOOST_TEST(
      machine.ask(client, "getstatus,").starts_with("getstatus,print,Widget.pwmb/0.pwmb,10,30,3,"));
  BOOST_TEST(machine.logged("print_paused").size() == 1);
  BOOST_TEST(machine.logged("print_resumed").size() == 1);
  BOOST_TEST(machine.state()["received"]["gopause"] == 2);
}

BOOST_AUTO_TEST_CASE(commands_that_make_no_sense_now_are_refused_and_change_nothing) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  BOOST_TEST(machine.ask(client, "gopause,") == "gopause,ERROR1,end");
  BOOST_TEST(machine.ask(client, "goresume,") == "goresume,ERROR1,end");
  BOOST_TEST(machine.ask(client, "gostop,") == "gostop,ERROR1,end");
  BOOST_TEST(machine.ask(client, "goprint,7.pwmb,") == "goprint,ERROR2,end");
  machine.inject({{"kind", "stick"}, {"inserted", false}});
  BOOST_TEST(machine.ask(client, "goprint,0.pwmb,") == "goprint,ERROR2,end");
  BOOST_TEST(machine.ask(client, "getfile,") == "getfile,ERROR1,end");
  machine.inject({{"kind", "stick"}, {"inserted", true}});
  machine.inject({{"kind", "remove_file"}, {"file", "0.pwmb"}});
  BOOST_TEST(machine.ask(client, "getfile,") == "getfile,ERROR2,end");
  BOOST_TEST(machine.state()["state"] == "stop\r\n");
  BOOST_TEST(machine.logged("print_started").empty());
}

BOOST_AUTO_TEST_CASE(a_stop_shows_the_firmwares_own_word_before_rest) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  machine.ask(client, "goprint,0.pwmb,");
  machine.run(20s);
  BOOST_TEST(machine.ask(client, "gostop,") == "gostop,OK,end");
  BOOST_TEST(machine.ask(client, "getstatus,") == "getstatus,stopprn,end");
  machine.run(3s);
  BOOST_TEST(machine.ask(client, "getstatus,") == "getstatus,stop\r\n,end");
  BOOST_TEST(machine.logged("print_stopped").size() == 1);
}

BOOST_AUTO_TEST_CASE(requests_may_end_in_every_way_that_clients_use) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  for (const std::string request : {"getmode,", "getmode\r\n", "getmode,\r\n", "getmode,end,"})
    BOOST_TEST(machine.ask(client, request) == "getmode,0,end");
  BOOST_TEST(machine.ask(client, "111\ngetmode,") == "getmode,0,end");
  BOOST_TEST(machine.ask(client, "getmode,getmode,") == "getmode,0,endgetmode,0,end");
  BOOST_TEST(machine.ask(client, "getmode").empty());
  BOOST_TEST(machine.ask(client, ",") == "getmode,0,end");
  BOOST_TEST(machine.ask(client, std::string("\0\xff,,,\r\n", 7)).empty());
  BOOST_TEST(machine.ask(client, "getmode,") == "getmode,0,end");
}

BOOST_AUTO_TEST_CASE(the_other_models_count_minutes_and_spell_otherwise) {
  auto options = *anycubic_model("mono-se");
  resin_fixture machine{options};
  const auto client = machine.device.connect();
  BOOST_TEST(machine.ask(client, "getstatus,") == "getstatus,stop,end");
  BOOST_TEST(machine.ask(client, "goprint,0.pwms,") == "goprint,ok,end");
  machine.run(4s + 12s * 100);
  BOOST_TEST(machine.ask(client, "getstatus,")
             == "getstatus,print,Widget.pwms/0.pwms,200,50,101,20,1188,~100mL,UV,39.38,0.05,0,end");
  BOOST_TEST(!anycubic_model("m5s"));
}

BOOST_AUTO_TEST_CASE(a_speed_factor_hurries_layers_and_not_the_network) {
  auto options = resin_fixture::quick_options();
  options.speed = 100;
  options.accept_delay = 1s;
  resin_fixture machine{options};
  machine.inject({{"kind", "screen_start"}, {"file", "0.pwmb"}});
  const auto client = machine.device.connect();
  machine.device.receive(client, "getstatus,");
  machine.run(999ms);
  BOOST_TEST(machine.heard[client].empty());
  machine.run(1ms);
  BOOST_TEST(machine.heard[client].starts_with("getstatus,print,Widget.pwmb/0.pwmb,10,100,10,"));
}

BOOST_AUTO_TEST_CASE(lost_commands_and_lost_replies_differ_in_what_the_machine_does) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  machine.inject({{"kind", "lose_commands"}, {"command", "goprint"}});
  BOOST_TEST(machine.ask(client, "goprint,0.pwmb,").empty());
  BOOST_TEST(machine.logged("print_started").empty());
  machine.inject({{"kind", "lose_replies"}, {"command", "goprint"}});
  BOOST_TEST(machine.ask(client, "goprint,0.pwmb,").empty());
  BOOST_TEST(machine.logged("print_started").size() == 1);
  machine.inject({{"kind", "lose_replies"}, {"command", "gopause"}, {"reset", true}});
  machine.run(5s);
  machine.ask(client, "gopause,");
  BOOST_TEST((machine.ends.at(client) == stream_output::kind::reset));
  BOOST_TEST(machine.logged("gopause_accepted").size() == 1);
  const auto commands = machine.logged("command");
  BOOST_TEST(commands.at(0)["lost"] == "command");
  BOOST_TEST(commands.at(1)["lost"] == "reply");
}

BOOST_AUTO_TEST_CASE(replies_come_late_in_pieces_glued_or_cut) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  machine.inject({{"kind", "split_replies"}, {"bytes", 5}, {"gap_ms", 100}});
  BOOST_TEST(machine.ask(client, "getmode,") == "getmo");
  machine.run(100ms);
  BOOST_TEST(machine.heard[client] == "getmode,0,");
  machine.run(1s);
  BOOST_TEST(machine.heard[client] == "getmode,0,end");
  machine.inject({{"kind", "foreign_replies"}, {"text_hex", "67657477696669"}});
  BOOST_TEST(machine.ask(client, "getmode,") == "getwifigetmode,0,end");
  machine.inject({{"kind", "delay_replies"}, {"min_ms", 700}, {"max_ms", 700}});
  BOOST_TEST(machine.ask(client, "getmode,").empty());
  machine.run(700ms);
  BOOST_TEST(machine.heard[client] == "getmode,0,end");
  machine.inject({{"kind", "clear"}});
  machine.inject({{"kind", "reset_after_reply"}});
  BOOST_TEST(machine.ask(client, "getmode,") == "getmode,0,end");
  BOOST_TEST((machine.ends.at(client) == stream_output::kind::reset));
}

BOOST_AUTO_TEST_CASE(the_line_drops_out_a_while_after_a_resume) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  machine.inject({{"kind", "dropout_after_resume"}, {"after_ms", 15'000}, {"for_ms", 5'000}});
  machine.ask(client, "goprint,0.pwmb,");
  machine.run(10s);
  machine.ask(client, "gopause,");
  machine.run(20s);
  BOOST_TEST(machine.ask(client, "goresume,") == "goresume,OK,end");
  machine.run(3s + 14s);
  BOOST_TEST(!machine.ask(client, "getstatus,").empty());
  machine.run(1s);
  BOOST_TEST(machine.ask(client, "gostop,").empty());
  machine.run(5s);
  BOOST_TEST(machine.ask(client, "getstatus,").starts_with("getstatus,print,"));
  BOOST_TEST(machine.logged("bytes_lost").size() == 1);
}

BOOST_AUTO_TEST_CASE(layers_jump_stand_still_and_go_back) {
  auto options = resin_fixture::quick_options();
  options.files.front().layers = 1'000;
  options.mechanics.jump_share = 0.5;
  resin_fixture machine{options};
  machine.inject({{"kind", "screen_start"}, {"file", "0.pwmb"}, {"layer", 100}});
  int hidden = 0;
  for (int i = 0; i < 100; ++i) {
    machine.run(10s);
    const auto state = machine.state();
    hidden += state["shown_layer"] != state["layer"];
  }
  BOOST_TEST(hidden > 25);
  BOOST_TEST(hidden < 75);
  machine.inject({{"kind", "jump_share"}, {"share", 0}});
  machine.run(10s);
  BOOST_TEST(machine.state()["shown_layer"] == 201);
  machine.inject({{"kind", "jump"}, {"by", 2}});
  BOOST_TEST(machine.state()["shown_layer"] == 203);
  machine.inject({{"kind", "rollback"}, {"by", 3}});
  BOOST_TEST(machine.state()["shown_layer"] == 200);
  machine.inject({{"kind", "clear"}});
  machine.inject({{"kind", "stagnate"}, {"for_ms", 60'000}});
  machine.run(60s);
  BOOST_TEST(machine.state()["layer"] == 203);
  machine.run(10s);
  BOOST_TEST(machine.state()["layer"] == 204);
}

BOOST_AUTO_TEST_CASE(a_power_cut_ends_the_print_and_refuses_clients) {
  resin_fixture machine;
  const auto client = machine.device.connect();
  machine.ask(client, "goprint,0.pwmb,");
  machine.run(20s);
  machine.inject({{"kind", "power_cycle"}, {"for_ms", 10'000}});
  machine.collect();
  BOOST_TEST((machine.ends.at(client) == stream_output::kind::reset));
  BOOST_TEST(!machine.device.accepts_connections());
  machine.run(10s);
  BOOST_TEST(machine.device.accepts_connections());
  BOOST_TEST(machine.state()["state"] == "stop\r\n");
  BOOST_TEST(machine.logged("print_lost").size() == 1);
}

BOOST_AUTO_TEST_CASE(bad_faults_are_refused_and_change_nothing) {
  resin_fixture machine;
  const auto before = machine.state();
  for (const auto* fault :
       {"", "[]", "7", "{\"kind\":\"nonsense\"}", "{\"kind\":7}", "{\"kind\":\"screen_pause\"}",
        "{\"kind\":\"screen_start\",\"file\":\"none\"}", "{\"kind\":\"silent\",\"for_ms\":\"x\"}"})
    BOOST_TEST(machine.device.inject(fault) != "");
  auto after = machine.state();
  after.erase("happened");
  auto wanted = before;
  wanted.erase("happened");
  BOOST_TEST(after == wanted);
}

BOOST_AUTO_TEST_CASE(random_bytes_start_pause_and_stop_nothing) {
  resin_fixture machine;
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    const auto client = machine.device.connect();
    for (int i = 0; i < 20; ++i) {
      std::string bytes(random() % 400, '\0');
      for (auto& byte : bytes)
        byte = static_cast<char>(random());
      machine.device.receive(client, bytes);
    }
    machine.run(100ms);
    machine.device.close(client);
  }
  BOOST_TEST(machine.state()["state"] == "stop\r\n");
  BOOST_TEST(machine.logged("print_started").empty());
}
