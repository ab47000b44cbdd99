#include "workers/image/kind_reader.hpp"

#include <vector>

#include "workers/heads/shares_head.hpp"

namespace bgm {
namespace {

enum Kind : std::size_t { drawing, hentai, neutral, porn, sexy };

// Below this the network is wrong more often than right: bare arms and beaches.
constexpr float kShareMin = 0.5F;

// Set by hand: what shows sex is taken for erotic, and for little else.
std::vector<ClassReading> readings() {
    const ClassReading nothing{{}, {0, 0}};
    return {nothing,
            {{{Mood::erotic, 0.45F}}, {0.1F, 0.3F}},
            nothing,
            {{{Mood::erotic, 0.6F}}, {0.1F, 0.4F}},
            {{{Mood::erotic, 0.45F}, {Mood::beautiful, 0.1F}, {Mood::energizing, 0.08F}}, {0.25F, 0.3F}}};
}

}  // namespace

Result<KindReader> KindReader::open(const std::filesystem::path& packages) {
    auto net = PictureKindNet::open(packages);
    if (!net) return net.error();
    return KindReader(*std::move(net));
}

std::optional<Encoding> KindReader::encoding(const KindShares& shares, Encoding& known) {
    known.facts["not_safe_for_work"] = shares[hentai] + shares[porn];
    const float share = shares[hentai] + shares[porn] + shares[sexy];
    if (share < kShareMin) return std::nullopt;
    Encoding encoding;
    encoding.modality = known.modality;
    encoding.model = kKindsModel;
    encoding.embedding.assign(shares.begin(), shares.end());
    encoding.quality = share;
    return encoding;
}

std::string KindReader::head() {
    const std::vector<ClassReading> all = readings();
    return write_shares_head(
        {.model = kKindsModel, .modality = Modality::image, .precision = 0.5F, .licence = "MIT"}, all);
}

}  // namespace bgm
