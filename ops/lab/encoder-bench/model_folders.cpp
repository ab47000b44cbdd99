#include "ops/lab/encoder-bench/model_folders.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "ops/lab/encoder-bench/weight_file.hpp"

namespace bgm::bench {
namespace {

using nlohmann::json;

// The parts of a block, in the order of the constructor's arguments below.
struct BlockNames {
    std::string query, key, value, out, attention_norm, mlp_in, mlp_out, mlp_norm;
};

void add_block(WeightFile& file, const std::string& prefix, const BlockNames& names, std::int64_t width,
               std::int64_t mlp_width) {
    for (const std::string& name : {names.query, names.key, names.value, names.out})
        file.add_linear(prefix + name, width, width);
    file.add_norm(prefix + names.attention_norm, width);
    file.add_linear(prefix + names.mlp_in, width, mlp_width);
    file.add_linear(prefix + names.mlp_out, mlp_width, width);
    file.add_norm(prefix + names.mlp_norm, width);
}

void add_blocks(WeightFile& file, const std::string& prefix, const BlockNames& names, int count,
                std::int64_t width) {
    for (int i = 0; i < count; ++i)
        add_block(file, prefix + std::to_string(i) + ".", names, width, 4 * width);
}

// The 256 bytes as byte-level tokenizers spell them (Radford et al. 2019): printable ones as they are, the
// others from U+0100 on.
std::vector<std::string> byte_characters() {
    std::vector<std::string> characters;
    unsigned next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
        const unsigned code = printable ? byte : next++;
        std::string text;
        if (code < 0x80) {
            text += static_cast<char>(code);
        } else {
            text += static_cast<char>(0xC0U | (code >> 6U));
            text += static_cast<char>(0x80U | (code & 0x3FU));
        }
        characters.push_back(text);
    }
    return characters;
}

Status write_clip_tokenizer(const std::filesystem::path& folder) {
    json vocabulary;
    std::size_t id = 0;
    for (const std::string& character : byte_characters())
        vocabulary[character] = id++;
    for (const std::string& character : byte_characters())
        vocabulary[character + "</w>"] = id++;
    vocabulary["<|startoftext|>"] = 49406;
    vocabulary["<|endoftext|>"] = 49407;
    if (auto status = write_text(folder / "vocab.json", vocabulary.dump()); !status) return status;
    return write_text(folder / "merges.txt", "#version: 0.2\n");
}

Status write_roberta_tokenizer(const std::filesystem::path& folder) {
    json vocabulary{{"<s>", 0}, {"<pad>", 1}, {"</s>", 2}, {"<unk>", 3}, {"<mask>", 50264}};
    std::size_t id = 4;
    for (const std::string& character : byte_characters())
        vocabulary[character] = id++;
    if (auto status = write_text(folder / "vocab.json", vocabulary.dump()); !status) return status;
    return write_text(folder / "merges.txt", "#version: 0.2\n");
}

Status write_bert_tokenizer(const std::filesystem::path& folder, std::size_t size) {
    std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    std::size_t count = 5;
    for (char letter = '!'; letter <= '~'; ++letter, count += 2)
        lines += std::string(1, letter) + "\n##" + letter + "\n";
    for (; count < size; ++count)
        lines += "[unused" + std::to_string(count) + "]\n";
    if (auto status = write_text(folder / "vocab.txt", lines); !status) return status;
    return write_text(folder / "tokenizer_config.json",
                      json{{"do_lower_case", false}, {"model_max_length", 512}}.dump());
}

struct TransformerShape {
    std::int64_t width;
    int layers;
    int heads;
};

// Of the embeddings that texts and images, or texts and sounds, share.
std::int64_t embedding_width(ModelSize size) {
    return size == ModelSize::full ? 512 : 32;
}

Status write_clip(const std::filesystem::path& folder, ModelSize size) {
    const bool full = size == ModelSize::full;
    const TransformerShape vision = full ? TransformerShape{768, 12, 12} : TransformerShape{64, 1, 2};
    const TransformerShape text = full ? TransformerShape{512, 12, 8} : TransformerShape{64, 1, 2};
    const std::int64_t projection = embedding_width(size);
    const BlockNames names{"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
                           "layer_norm1",      "mlp.fc1",          "mlp.fc2",          "layer_norm2"};
    WeightFile file;
    file.add("logit_scale", {}, 0, 4.6052F);
    file.add("vision_model.embeddings.class_embedding", {vision.width}, 1);
    file.add("vision_model.embeddings.patch_embedding.weight", {vision.width, 3, 32, 32}, 0.03F);
    file.add("vision_model.embeddings.position_embedding.weight", {50, vision.width}, 0.1F);
    file.add_norm("vision_model.pre_layrnorm", vision.width);
    add_blocks(file, "vision_model.encoder.layers.", names, vision.layers, vision.width);
    file.add_norm("vision_model.post_layernorm", vision.width);
    file.add_linear("visual_projection", vision.width, projection, false);
    file.add("text_model.embeddings.token_embedding.weight", {49408, text.width}, 0.05F);
    file.add("text_model.embeddings.position_embedding.weight", {77, text.width}, 0.05F);
    add_blocks(file, "text_model.encoder.layers.", names, text.layers, text.width);
    file.add_norm("text_model.final_layer_norm", text.width);
    file.add_linear("text_projection", text.width, projection, false);
    if (auto status = file.write(folder / "model.safetensors"); !status) return status;

    const json config{{"model_type", "clip"},
                      {"architectures", {"CLIPModel"}},
                      {"projection_dim", projection},
                      {"logit_scale_init_value", 2.6592},
                      {"text_config",
                       {{"hidden_size", text.width},
                        {"intermediate_size", 4 * text.width},
                        {"num_attention_heads", text.heads},
                        {"num_hidden_layers", text.layers},
                        {"projection_dim", projection}}},
                      {"vision_config",
                       {{"hidden_size", vision.width},
                        {"intermediate_size", 4 * vision.width},
                        {"num_attention_heads", vision.heads},
                        {"num_hidden_layers", vision.layers},
                        {"projection_dim", projection},
                        {"patch_size", 32}}}};
    if (auto status = write_text(folder / "config.json", config.dump(2)); !status) return status;
    const json pixels{{"crop_size", 224},
                      {"do_center_crop", true},
                      {"do_normalize", true},
                      {"do_resize", true},
                      {"image_mean", {0.48145466, 0.4578275, 0.40821073}},
                      {"image_std", {0.26862954, 0.26130258, 0.27577711}},
                      {"resample", 3},
                      {"size", 224}};
    if (auto status = write_text(folder / "preprocessor_config.json", pixels.dump(2)); !status) return status;
    return write_clip_tokenizer(folder);
}

Status write_multilingual(const std::filesystem::path& folder, ModelSize size) {
    const bool full = size == ModelSize::full;
    const auto [width, layers, heads] = full ? TransformerShape{768, 6, 12} : TransformerShape{64, 1, 2};
    const std::int64_t vocabulary = full ? 119'547 : 300;
    const std::int64_t projection = embedding_width(size);
    WeightFile file;
    file.add("embeddings.word_embeddings.weight", {vocabulary, width}, 0.05F);
    file.add("embeddings.position_embeddings.weight", {512, width}, 0.05F);
    file.add_norm("embeddings.LayerNorm", width);
    add_blocks(file, "transformer.layer.",
               {"attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm",
                "ffn.lin1", "ffn.lin2", "output_layer_norm"},
               layers, width);
    if (auto status = file.write(folder / "model.safetensors"); !status) return status;
    WeightFile dense;
    dense.add_linear("linear", width, projection, false);
    if (auto status = dense.write(folder / "2_Dense" / "model.safetensors"); !status) return status;

    const std::string package = "sentence_transformers.models.";
    const auto module = [&package](int index, const char* path, const char* type) {
        return json{
            {"idx", index}, {"name", std::to_string(index)}, {"path", path}, {"type", package + type}};
    };
    const std::vector<std::pair<std::string, json>> files{
        {"config.json",
         {{"model_type", "distilbert"},
          {"architectures", {"DistilBertModel"}},
          {"activation", "gelu"},
          {"dim", width},
          {"hidden_dim", 4 * width},
          {"n_heads", heads},
          {"n_layers", layers},
          {"max_position_embeddings", 512},
          {"vocab_size", vocabulary}}},
        {"modules.json",
         {module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling"), module(2, "2_Dense", "Dense")}},
        {"sentence_bert_config.json", {{"max_seq_length", 128}, {"do_lower_case", false}}},
        {"1_Pooling/config.json", {{"word_embedding_dimension", width}, {"pooling_mode_mean_tokens", true}}},
        {"2_Dense/config.json",
         {{"in_features", width},
          {"out_features", projection},
          {"bias", false},
          {"activation_function", "torch.nn.modules.linear.Identity"}}}};
    for (const auto& [name, content] : files)
        if (auto status = write_text(folder / name, content.dump(2)); !status) return status;
    return write_bert_tokenizer(folder, static_cast<std::size_t>(vocabulary));
}

struct SwinShape {
    std::int64_t width;  // of the first stage; doubles with each
    std::array<std::int64_t, 4> depths;
    std::array<std::int64_t, 4> heads;
};

void add_audio_encoder(WeightFile& file, const SwinShape& shape, std::int64_t projection) {
    const std::string encoder = "audio_model.audio_encoder.";
    const BlockNames names{"attention.self.query",   "attention.self.key", "attention.self.value",
                           "attention.output.dense", "layernorm_before",   "intermediate.dense",
                           "output.dense",           "layernorm_after"};
    file.add_norm(encoder + "batch_norm", 64);
    file.add(encoder + "batch_norm.running_mean", {64}, 5, -40);
    file.add(encoder + "batch_norm.running_var", {64}, 50, 300);
    file.add(encoder + "patch_embed.proj.weight", {shape.width, 1, 4, 4}, 0.4F);
    file.add(encoder + "patch_embed.proj.bias", {shape.width}, 0.1F);
    file.add_norm(encoder + "patch_embed.norm", shape.width);
    std::int64_t width = shape.width;
    for (std::size_t stage = 0; stage < 4; ++stage, width *= 2) {
        const std::string layer = encoder + "layers." + std::to_string(stage) + ".";
        for (std::int64_t i = 0; i < shape.depths[stage]; ++i) {
            const std::string block = layer + "blocks." + std::to_string(i) + ".";
            add_block(file, block, names, width, 4 * width);
            file.add(block + "attention.self.relative_position_bias_table", {15 * 15, shape.heads[stage]},
                     0.5F);
        }
        if (stage == 3) break;
        file.add_norm(layer + "downsample.norm", 4 * width);
        file.add_linear(layer + "downsample.reduction", 4 * width, 2 * width, false);
    }
    file.add_norm(encoder + "norm", 8 * shape.width);
    file.add_linear("audio_projection.linear1", 8 * shape.width, projection);
    file.add_linear("audio_projection.linear2", projection, projection);
}

Status write_clap(const std::filesystem::path& folder, ModelSize size) {
    const bool full = size == ModelSize::full;
    const auto [width, layers, heads] = full ? TransformerShape{768, 12, 12} : TransformerShape{64, 1, 2};
    const SwinShape sound_shape =
        full ? SwinShape{96, {2, 2, 6, 2}, {4, 8, 16, 32}} : SwinShape{16, {2, 2, 2, 2}, {1, 2, 4, 8}};
    const std::int64_t projection = embedding_width(size);
    WeightFile file;
    file.add("logit_scale_a", {}, 0, 4.6052F);
    file.add("logit_scale_t", {}, 0, 4.6052F);
    add_audio_encoder(file, sound_shape, projection);
    file.add("text_model.embeddings.word_embeddings.weight", {50265, width}, 0.05F);
    file.add("text_model.embeddings.position_embeddings.weight", {514, width}, 0.05F);
    file.add("text_model.embeddings.token_type_embeddings.weight", {1, width}, 0.05F);
    file.add_norm("text_model.embeddings.LayerNorm", width);
    add_blocks(
        file, "text_model.encoder.layer.",
        {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
         "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"},
        layers, width);
    file.add_linear("text_model.pooler.dense", width, width);
    file.add_linear("text_projection.linear1", width, projection);
    file.add_linear("text_projection.linear2", projection, projection);
    if (auto status = file.write(folder / "model.safetensors"); !status) return status;

    const json config{{"model_type", "clap"},
                      {"architectures", {"ClapModel"}},
                      {"projection_dim", projection},
                      {"projection_hidden_act", "relu"},
                      {"text_config",
                       {{"vocab_size", 50265},
                        {"max_position_embeddings", 514},
                        {"hidden_size", width},
                        {"intermediate_size", 4 * width},
                        {"num_attention_heads", heads},
                        {"num_hidden_layers", layers}}},
                      {"audio_config",
                       {{"depths", sound_shape.depths},
                        {"num_attention_heads", sound_shape.heads},
                        {"patch_embeds_hidden_size", sound_shape.width},
                        {"hidden_size", 8 * sound_shape.width},
                        {"spec_size", 256},
                        {"num_mel_bins", 64},
                        {"window_size", 8},
                        {"enable_fusion", false}}}};
    if (auto status = write_text(folder / "config.json", config.dump(2)); !status) return status;
    const json sound{{"feature_extractor_type", "ClapFeatureExtractor"},
                     {"feature_size", 64},
                     {"sampling_rate", 48000},
                     {"fft_window_size", 1024},
                     {"nb_frequency_bins", 513},
                     {"hop_length", 480},
                     {"max_length_s", 10},
                     {"nb_max_samples", 480000},
                     {"frequency_min", 50},
                     {"frequency_max", 14000},
                     {"truncation", "rand_trunc"},
                     {"padding", "repeatpad"}};
    if (auto status = write_text(folder / "preprocessor_config.json", sound.dump(2)); !status) return status;
    return write_roberta_tokenizer(folder);
}

}  // namespace

const std::vector<ModelFolder>& model_folders() {
    static const std::vector<ModelFolder> folders{
        {"clip-vit-base-patch32", write_clip},
        {"clip-ViT-B-32-multilingual-v1", write_multilingual},
        {"clap-htsat-unfused", write_clap},
    };
    return folders;
}

Status write_model_folders(const std::filesystem::path& root, ModelSize size) {
    for (const auto& [name, write] : model_folders()) {
        if (std::filesystem::exists(root / name / "config.json")) continue;
        if (auto status = write(root / name, size); !status) return status;
    }
    return ok_status();
}

}  // namespace bgm::bench
