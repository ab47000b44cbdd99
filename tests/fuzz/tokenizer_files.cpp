// Hostile vocabularies, and a text read with what was accepted. The first byte chooses the kind of tokeniser;
// a NUL separates its files and, last, the text.
#include "tests/fuzz/input_folder.hpp"
#include "tests/fuzz/judge_ids.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    static const fuzz::InputFolder folder;
    folder.clear();
    std::string_view input = fuzz::as_text(data, size);
    const unsigned choice = fuzz::take_choice(input);
    folder.write("tokenizer_config.json", fuzz::take_part(input, '\0'));
    switch (choice & 3U) {
        case 0:
            folder.write("vocab.txt", fuzz::take_part(input, '\0'));
            break;
        case 1:
            folder.write("vocab.json", fuzz::take_part(input, '\0'));
            folder.write("merges.txt", fuzz::take_part(input, '\0'));
            break;
        default:
            folder.write("tokenizer.json", fuzz::take_part(input, '\0'));
    }
    const TokenizerOptions options =
        (choice & 4U) != 0 ? TokenizerOptions::as_reference() : TokenizerOptions{.length_max = 64};
    const auto tokenizer = open_tokenizer(folder.path(), options);
    if (!tokenizer) {
        fuzz::require(!tokenizer.error().message.empty(), "a refused vocabulary has a reason");
        return 0;
    }
    fuzz::judge_ids(**tokenizer, input, 64);
    fuzz::judge_ids(**tokenizer, "A low b\xC3\xA9te <mask> \xEA\xB0\x80\xEB\x82\x98 [SEP]!", 16);
    return 0;
}
