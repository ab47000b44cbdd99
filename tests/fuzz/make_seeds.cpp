// Makes what the fuzz targets start from: a few good files of every format, the same each time.
//   make_fuzz_seeds FOLDER
#include <cstdio>
#include <nlohmann/json.hpp>

#include "schemas/codec.hpp"
#include "schemas/model_lock.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/worker.pb.h"
#include "tests/fuzz/seed_writer.hpp"
#include "tests/workers/audio/speech_model_maker.hpp"
#include "tests/workers/av_maker.hpp"
#include "tests/workers/media_maker.hpp"
#include "tests/workers/tokenizers/small_models.hpp"
#include "tests/workers/voice_files.hpp"
#include "workers/onnx/onnx.pb.h"

namespace bgm::fuzz {
namespace {

constexpr std::string_view kFullPost =
    R"({"post_id":"p1","user_id":"u1","tenant":"t","text":"비 오는 밤 🌧 \u0041\ud83c\udf27\n","lang":"ko","created_at":)"
    R"("2026-01-02T03:04:05.678Z","priority":"LIVE","assets":[{"asset_id":"x","kind":"IMAGE","frame":0},)"
    R"({"kind":"VIDEO","uri":"file:a/b%20c.mp4","sha256":""},{"kind":"AUDIO","uri":"https://m.example/a?b=c"}],)"
    R"("context":{"local_hour":23,"weather":"rain","place":"서울","activity":"walk"},"options":{"tracks":5,)"
    R"("genres":["jazz","kpop"],"exclude_explicit":true,"max_duration_ms":240000,"languages":["ko"]}})";

void write_posts(SeedWriter& seeds) {
    for (const std::string_view json :
         {kFullPost, std::string_view(R"({"post_id":"p","text":"t"})"),
          std::string_view(
              R"( {"postId": "p", "text": null, "priority": 1, "context": {"localHour": "7"}} )"),
          std::string_view(R"({"post_id":"p","assets":[{"kind":"IMAGE","uri":"file:../x"}]})"),
          std::string_view("BGM1/json"), std::string_view("BGM1/protobuf")}) {
        seeds.add("post_json", json);
        if (const auto post = decode_post(WireFormat::json, json))
            seeds.add("post_protobuf", post->SerializeAsString());
    }
}

std::string head_file() {
    return write_safetensors(
        {{"mood.weight", "F32", {13, 4}, std::string(13 * 4 * 4, '\x3C')},
         {"mood.bias", "F32", {13}, std::string(52, '\0')},
         {"affect.weight", "F16", {2, 4}, std::string(16, '\x3C')},
         {"affect.bias", "BF16", {2}, std::string(4, '\0')}},
        {{"model", "m"}, {"modality", "text"}, {"temperature", "1.5"}, {"precision", "2"}});
}

void write_weights(SeedWriter& seeds) {
    const std::string head = head_file();
    const std::string small =
        write_safetensors({{"a", "F16", {4}, std::string(8, '\x3C')}, {"c", "I8", {}, "x"}}, {});
    for (const std::string& file : {head, small, write_safetensors({}, {{"k", "v"}})}) {
        seeds.add("safetensors", file);
        seeds.add("model_files", 3, file);
    }
    onnx::Model model;
    onnx::Tensor& tensor = *model.mutable_graph()->add_initializers();
    tensor.set_name("a");
    tensor.set_data_type(1);
    tensor.add_dims(2);
    tensor.set_raw_data(std::string(8, '\x3C'));
    *model.mutable_graph()->add_nodes()->add_attributes()->mutable_graph() = model.graph();
    seeds.add("onnx_weights", model.SerializeAsString());
    seeds.add("onnx_weights", test::make_speech_model());
    v1::FromWorker hello;
    hello.mutable_hello()->set_name("text-0");
    hello.mutable_hello()->add_modalities("text");
    hello.mutable_hello()->set_credits(4);
    hello.mutable_hello()->add_heads(head);
    seeds.add("worker_messages", hello.SerializeAsString());
    v1::FromWorker beat;
    beat.mutable_heartbeat()->set_rss_bytes(123456789);
    seeds.add("worker_messages", beat.SerializeAsString());
    v1::FromWorker result;
    v1::Output& output = *result.mutable_result()->add_outputs();
    output.set_modality("text");
    output.set_quality(0.5F);
    for (const float value : {0.1F, -0.5F, 2.0F, 0.0F})
        output.add_embedding(value);
    (*output.mutable_facts())["letters"] = 3;
    output.add_notes("silent");
    output.set_model("m");
    output.set_language("ko");
    output.set_caption("a sea");
    output.add_missing()->set_modality("audio");
    seeds.add("worker_messages", result.SerializeAsString());
    result.mutable_result()->set_error_code("corrupt");
    seeds.add("worker_messages", result.SerializeAsString());
    v1::ToWorker task;
    task.mutable_task()->set_task_id(7);
    task.mutable_task()->set_text("비");
    seeds.add("worker_messages", task.SerializeAsString());
}

void write_urls(SeedWriter& seeds) {
    for (const std::string_view url :
         {"https://media.example/a/b.jpg?x=1#f", "http://0x7f.1:8080/", "http://[::ffff:127.0.0.1]/a",
          "https://u:p@h.example/", "HTTPS://M\xC3\xBC.example./%00", "http://3232235777/x?bgm_sig=00",
          "192.0.2.1", "2001:db8::1",
          "https://h/a?b=c&bgm_sig=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "ftp://h/", "http://h:99999/", "http:///x", "https://h\\@evil/"}) {
        for (const std::string_view rules : {"*", "*.media.example, tenant=cdn.example 10.0.0.1", ""})
            seeds.add("web_url", std::string(rules) + "\n" + std::string(url));
    }
}

void write_door_requests(SeedWriter& seeds) {
    for (
        const std::string_view request :
        {R"({"text":"달빛","genre":"classical","mood":"calm","valence_min":-1,"arousal_max":0.5,"limit":2})",
         R"({"after":"t-1","limit":1000,"language":"ko"})",
         R"({"items":[{"post_id":"p","track_id":"t","action":"LIKED","happened_at":"2026-11-29T08:00:00Z"}]})",
         "post read feedback admin"}) {
        seeds.add("door_request", request);
    }
}

void write_http_requests(SeedWriter& seeds) {
    for (const std::string_view request :
         {"POST /v1/posts HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer k\r\nContent-Type: "
          "application/json\r\n"
          "Content-Length: 15\r\n\r\n{\"post_id\":\"p\"}",
          "POST /v1/posts HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
          "chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
          "GET /v1/posts/p%2F1?a=%EB%8B%AC&b=+ HTTP/1.1\r\nHost: h:80\r\nPrefer: wait=5\r\n\r\n",
          "GET http://h/v1/../x HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", "GET /\r\n"}) {
        seeds.add("http_request", request);
    }
    for (const std::string_view form :
         {"multipart/form-data; boundary=b\n--b\r\nContent-Disposition: form-data; "
          "name=\"post\"\r\n\r\n{}\r\n--b\r\n"
          "Content-Disposition: form-data; name=\"a0\"; filename=\"%22.jpg\"\r\nContent-Type: "
          "image/jpeg\r\n\r\n\xFF\xD8\r\n--b--\r\n",
          "Multipart/Form-Data; charset=x; boundary=\"a b\"\n--a b\r\nContent-Disposition: form-data; "
          "name=p\r\n\r\n\r\n--a b--"}) {
        seeds.add("multipart", form);
    }
}

void write_catalogues(SeedWriter& seeds) {
    constexpr std::string_view kCsv =
        "track_id,title,artist,genre,duration_ms,tempo_bpm,explicit,moods,valence,arousal,active\r\n"
        "a:1,\"say \"\"hi\"\"\n, "
        "twice\",아티스트,Folk,183000,72.5,false,\"joyful:0.6;sad:0.4\",-0.25,0.5,true\n"
        "a:2,b,c,,1,,1,,,,\n";
    constexpr std::string_view kRow =
        R"({"track_id":"a:1","title":"아리랑","duration_ms":183000,"tempo_bpm":72.5,"explicit":false,"moods":)"
        R"({"sad":0.6,"beautiful":0.4},"valence":-0.25,"file":{"valence":1},"active":false})";
    std::string tabs(kCsv);
    for (char& c : tabs)
        if (c == ',') c = '\t';
    for (const int mapping : {0, 4}) {
        seeds.add("catalogue", mapping + 0, kCsv);
        seeds.add("catalogue", mapping + 1, tabs);
        seeds.add("catalogue", mapping + 2, std::string(kRow) + "\n{}\n" + std::string(kRow) + "\n");
        seeds.add("catalogue", mapping + 3, "[" + std::string(kRow) + ", {\"track_id\": 1}]");
    }
    // As Excel saves them: CP949, UTF-16, semicolons, carriage returns, a stated separator.
    constexpr std::string_view kCp949 = "\xB0\xEE\xB8\xED,\xB0\xA1\xBC\xF6\r\n\xBA\xBD\xB3\xAF,\xBA\xF1\r\n";
    constexpr std::string_view kEuropean =
        "sep=;\rTitel;K\xFCnstler;L\xE4nge;valence\rLied;Die \xC4rzte;3:45;0,75\r";
    std::string wide;
    for (const char c : std::string_view("\xFEtitle;artist\n\"One\";A\n")) {
        wide.push_back(c == '\xFE' ? '\xFF' : c);
        wide.push_back(c == '\xFE' ? '\xFE' : '\0');
    }
    for (const std::string_view text :
         {kCp949, kEuropean, std::string_view(wide), std::string_view(wide).substr(2), kCsv})
        seeds.add("catalogue", 8, text);
}

void write_model_files(SeedWriter& seeds) {
    const std::string digest(64, 'a');
    const TemporaryFolder folder;
    const ModelLock lock{
        .repository = "org/name",
        .files = {{.path = "a/b.json", .bytes = 12, .sha256 = digest, .revision = "main"},
                  {.path = "c", .sha256 = digest, .revision = "main", .source = DigestSource::server}}};
    if (write_model_lock(folder.file(""), lock))
        seeds.add("model_files", 0, folder.read(std::string(kModelLockName)));
    seeds.add("model_files", 1,
              R"({"hidden_size":512,"image_mean":[0.5,0.1],"depths":[2,2,6],"tie":true,"hidden_act":"gelu",)"
              R"("vision_config":{"layer_norm_eps":1e-5}})");
    seeds.add("model_files", 1, R"([{"idx":0,"path":"","type":"T"},{"idx":1}])");
    seeds.add(
        "model_files", 2,
        R"({"do_resize":true,"size":{"shortest_edge":224},"resample":3,"do_center_crop":true,"crop_size":)"
        R"({"height":224,"width":224},"do_rescale":true,"rescale_factor":0.00392,"do_normalize":true,)"
        R"("image_mean":[0.4,0.4,0.4],"image_std":[0.2,0.2,0.2],"image_processor_type":"CLIPImageProcessor"})");
    seeds.add(
        "model_files", 2,
        R"({"size":{"height":384,"width":384},"resample":2,"image_processor_type":"BlipImageProcessor"})");
    seeds.add(
        "model_files", 2,
        R"({"sampling_rate":48000,"max_length_s":10,"nb_max_samples":480000,"fft_window_size":1024,"hop_length":480,)"
        R"("feature_size":64,"frequency_min":50,"frequency_max":14000,"padding":"repeatpad","truncation":"rand_trunc"})");
}

void write_network_files(SeedWriter& seeds) {
    using namespace std::string_literals;
    seeds.add("network_files", 0,
              R"([{"paths":["a.bin"],"weights":[{"name":"conv/filters","shape":[1,1,2,1],"dtype":"float32",)"
              R"("quantization":{"dtype":"uint8","scale":0.5,"min":-1}},{"name":"bias","shape":[1],"dtype":)"
              R"("float32"}]},{"weights":[{"name":"one","shape":[],"dtype":"float32","quantization":)"
              R"({"dtype":"uint16","scale":1e-3,"min":0}}]}])" +
                  "\0\x01\xFF\0\0\x80\x3F\x02\x01"s);
    for (const char* value :
         {R"({format:"graph-model",weightsManifest:[{paths:["x"],weights:[{name:"a/b:0",shape:[3,3],)"
          R"(quantization:{min:-.5,scale:1e-3}}]}],on:!0,off:!1,none:null})",
          R"("Zm9vYg==")"})
        seeds.add("network_files", 1,
                  R"(!function(t){if("object"==typeof exports)module.exports=t()}(function(){return )"
                  R"(({1:[function(t,e,a){e.exports=)" +
                      std::string(value) + "},{}]},{},[1])(1)});");
}

void write_tokenizers(SeedWriter& seeds) {
    using namespace std::string_literals;
    const std::string config =
        R"({"model_max_length":77,"do_lower_case":true,"add_prefix_space":false})" + "\0"s;
    const std::string text = "\0"s + "A lowér abc 가나 ###";
    const auto words = test::vocabulary_lines({"a", "##a", "low", "##er", "가", "##나", "!"});
    const auto clip = test::small_clip({{"a", "b"}, {"ab", "c</w>"}});
    const auto bytes = test::small_byte_level({{"a", "b"}, {"Ġ", "a"}});
    seeds.add("tokenizer_files", 0, config + words + text);
    seeds.add("tokenizer_files", 4, config + words + text);
    for (const auto& pairs : {clip, bytes}) {
        seeds.add("tokenizer_files", 1,
                  config + pairs.vocabulary_json().dump() + "\0"s + pairs.merges_text() + text);
        nlohmann::json merges = nlohmann::json::array();
        for (const auto& [left, right] : pairs.merges)
            merges.push_back(left + " " + right);
        const bool is_clip = pairs.tokens.size() == clip.tokens.size();
        nlohmann::json document{
            {"version", "1.0"},
            {"added_tokens",
             {{{"id", 1},
               {"content", pairs.tokens[1]},
               {"special", true},
               {"lstrip", true},
               {"rstrip", false},
               {"normalized", false},
               {"single_word", false}}}},
            {"normalizer", nullptr},
            {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}}},
            {"model",
             {{"type", "BPE"},
              {"vocab", pairs.vocabulary_json()},
              {"merges", merges},
              {"end_of_word_suffix", is_clip ? "</w>" : ""},
              {"unk_token", is_clip ? "<|endoftext|>" : ""}}}};
        seeds.add("tokenizer_files", 2, config + document.dump() + text);
        seeds.add("tokenizer_files", 6, config + document.dump() + text);
    }
    nlohmann::json vocabulary = nlohmann::json::object();
    int id = 0;
    for (const char* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "low"})
        vocabulary[token] = id++;
    const nlohmann::json word_piece{{"added_tokens", nlohmann::json::array()},
                                    {"normalizer",
                                     {{"type", "BertNormalizer"},
                                      {"lowercase", true},
                                      {"strip_accents", nullptr},
                                      {"clean_text", true},
                                      {"handle_chinese_chars", true}}},
                                    {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
                                    {"model",
                                     {{"type", "WordPiece"},
                                      {"vocab", vocabulary},
                                      {"unk_token", "[UNK]"},
                                      {"continuing_subword_prefix", "##"},
                                      {"max_input_chars_per_word", 100}}}};
    seeds.add("tokenizer_files", 2, config + word_piece.dump() + text);
    seeds.add("tokenizer_files", 3, R"({"model_max_length":1e30})" + "\0"s + word_piece.dump() + text);

    for (const std::string_view words_of_people :
         {"비 오는 밤 🌧 ㅠㅠ ㅋㅋㅋ", "A lovely évening, isn't it? <mask> [SEP] <|endoftext|>",
          "가 e\xCC\x81\xEF\xB8\x8F\xE2\x80\x8D", "http://x.example/y #tag @name :-) 12,345.67",
          "\xFF\xC0\x80 broken \xED\xA0\x80", "漢字かな\t\r\n\u00A0\u3000"}) {
        for (const int choice : {0, 1, 9})
            seeds.add("tokenizer_text", choice, words_of_people);
    }
}

void write_clips(SeedWriter& seeds) {
    using test::AudioFormat;
    using test::VideoFormat;
    for (const AudioFormat format :
         {AudioFormat::wav, AudioFormat::flac, AudioFormat::ogg_vorbis, AudioFormat::ogg_opus,
          AudioFormat::mp3, AudioFormat::m4a_aac, AudioFormat::adts_aac}) {
        const int rate_hz = format == AudioFormat::ogg_opus ? 48'000 : 16'000;
        seeds.add("audio",
                  test::make_music_clip({.seconds = 0.25, .sample_rate_hz = rate_hz, .format = format}));
    }
    for (const VideoFormat format : {VideoFormat::mp4_h264, VideoFormat::mp4_hevc, VideoFormat::mp4_mpeg4,
                                     VideoFormat::webm_vp8, VideoFormat::webm_vp9, VideoFormat::mkv_h264,
                                     VideoFormat::avi_mpeg4, VideoFormat::mp4_av1, VideoFormat::webm_av1}) {
        const std::string clip =
            test::make_video_clip({.format = format,
                                   .width = 64,
                                   .height = 48,
                                   .frames_per_s = 10,
                                   .seconds = 0.8,
                                   .key_frame_every = 4,
                                   .rotation_degrees = format == VideoFormat::mp4_h264 ? 90 : 0});
        seeds.add("video", clip);
    }
    const std::string with_sound =
        test::make_video_clip({.width = 64,
                               .height = 48,
                               .frames_per_s = 10,
                               .seconds = 0.4,
                               .sound = test::MusicSpec{.sample_rate_hz = 16'000}});
    for (const std::string& voice : {test::amr_nb().substr(0, 500), test::amr_wb().substr(0, 900)})
        seeds.add("audio", voice);
    for (const char* codec : {"alac", "adpcm_ima_qt", "pcm_s16le"}) {
        seeds.add("audio",
                  test::make_av_file(
                      {.container = "caf", .tracks = {{.codec = codec, .rate_hz = 8'000}}, .seconds = 0.2}));
    }
    const test::AvTrack film{.codec = "flv", .width = 64, .height = 48};
    const test::AvTrack sound{.codec = "aac", .rate_hz = 16'000};
    for (const char* container : {"flv", "mpegts", "3gp"}) {
        test::AvTrack pictures = film;
        if (container != std::string_view("flv")) pictures.codec = "mpeg4";
        const std::string clip = test::make_av_file({.container = container,
                                                     .tracks = {pictures, sound},
                                                     .seconds = 0.4,
                                                     .tags = {{"service_name", "한국"}}});
        seeds.add("video", clip);
        seeds.add("audio", clip);
    }
    seeds.add("video", with_sound);
    seeds.add("audio", with_sound);
}

}  // namespace
}  // namespace bgm::fuzz

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 2;
    }
    bgm::fuzz::SeedWriter seeds(arguments[1]);
    bgm::fuzz::write_posts(seeds);
    bgm::fuzz::write_weights(seeds);
    bgm::fuzz::write_urls(seeds);
    bgm::fuzz::write_door_requests(seeds);
    bgm::fuzz::write_http_requests(seeds);
    bgm::fuzz::write_catalogues(seeds);
    bgm::fuzz::write_model_files(seeds);
    bgm::fuzz::write_network_files(seeds);
    bgm::fuzz::write_tokenizers(seeds);
    bgm::fuzz::write_image_seeds(seeds);
    bgm::fuzz::write_clips(seeds);
    return 0;
}
