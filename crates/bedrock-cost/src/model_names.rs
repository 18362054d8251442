//! The names under which a bill writes a model, and the model ids they stand for.
//!
//! A bill names models in three ways: a segment of a usage type (`Claude3Haiku`, `Llama4-Maverick-17B`), the service
//! name of a Marketplace model (`Claude Haiku 4.5`), and, for newer usage types, nearly the model id (`openai.gpt-5.5`).

/// Returns the Bedrock model id that a name on a bill stands for.
///
/// Case and every separator are ignored, and the version, provider and `instruct` of an id may be missing.
/// Returns `None` for a name that is not known, or that would fit more than one model: it never guesses.
#[must_use]
pub fn model_id_of(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if name.is_empty() || name.len() > 128 {
        return None;
    }
    let exact = MODELS
        .iter()
        .find(|(id, names)| is(id, name) || names.iter().any(|known| is(known, name)));
    if let Some((id, _)) = exact {
        return Some(id);
    }
    let mut fitting = MODELS.iter().filter(|(id, _)| fits(id, name));
    match (fitting.next(), fitting.next()) {
        (Some((id, _)), None) => Some(id),
        _ => None,
    }
}

/// Tells whether the name is this id without its version, its provider, the word `instruct`, or several of these.
fn fits(id: &str, name: &str) -> bool {
    let id = without_version(id);
    let name = without_version(name);
    let short = id.split_once('.').map_or(id, |(_, short)| short);
    [id, short]
        .into_iter()
        .any(|id| is(id, name) || is(without_instruct(id), without_instruct(name)))
}

fn without_instruct(text: &str) -> &str {
    let Some(at) = text.len().checked_sub("-instruct".len()) else {
        return text;
    };
    match text.split_at_checked(at) {
        Some((head, tail)) if tail.eq_ignore_ascii_case("-instruct") => head,
        _ => text,
    }
}

/// Cuts a trailing `-v1`, `-v1:0` or `-1:0`.
fn without_version(id: &str) -> &str {
    let Some((head, tail)) = id.rsplit_once('-') else {
        return id;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_version = match (tail.strip_prefix('v'), tail.split_once(':')) {
        (Some(version), _) => version.split(':').all(digits),
        (None, Some((major, minor))) => digits(major) && digits(minor),
        (None, None) => false,
    };
    if is_version { head } else { id }
}

/// Compares two names by their letters, digits and plus signs alone.
fn is(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b))
}

fn letters(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.bytes()
        .filter(|b| b.is_ascii_alphanumeric() || *b == b'+')
        .map(|b| b.to_ascii_lowercase())
}

/// Model ids, each with the names of bills that its id does not already give away.
///
/// Source: `model`, `servicename` and usage types of the Price List (2026-08-20), rows of bills that were published,
/// checked 2026-11-22. Nova Reel 1.0 and 1.1 share one name and one price; the name stands for 1.1.
#[rustfmt::skip]
const MODELS: &[(&str, &[&str])] = &[
    ("ai21.j2-mid-v1", &["Jurassic-2 Mid"]),
    ("ai21.j2-ultra-v1", &["Jurassic-2 Ultra"]),
    ("ai21.jamba-1-5-large-v1:0", &[]),
    ("ai21.jamba-1-5-mini-v1:0", &[]),
    ("ai21.jamba-instruct-v1:0", &[]),
    ("amazon.nova-2-5-sonic", &[]),
    ("amazon.nova-2-lite-v1:0", &["Nova2.0Lite"]),
    ("amazon.nova-2-multimodal-embeddings-v1:0", &["NovaMultiModalEmbeddings"]),
    ("amazon.nova-2-omni", &["Nova2.0Omni"]),
    ("amazon.nova-2-pro-preview-20251202-v1:0", &["Nova2.0Pro", "Nova 2 Pro", "nova-2-pro-preview", "amazon.nova-2-pro-preview"]),
    ("amazon.nova-2-sonic-v1:0", &["Nova Sonic 2.0", "Nova2.0Sonic"]),
    ("amazon.nova-canvas-v1:0", &["Canvas"]),
    ("amazon.nova-lite-v1:0", &[]),
    ("amazon.nova-micro-v1:0", &[]),
    ("amazon.nova-premier-v1:0", &[]),
    ("amazon.nova-pro-v1:0", &[]),
    ("amazon.nova-reel-v1:0", &[]),
    ("amazon.nova-reel-v1:1", &["Nova Reel"]),
    ("amazon.nova-sonic-v1:0", &[]),
    ("amazon.rerank-v1:0", &["AmazonRerank-v1", "Amazon Rerank 1.0"]),
    ("amazon.titan-embed-image-v1", &["TitanEmbeddingsG1-Image"]),
    ("amazon.titan-embed-text-v1", &["TitanEmbeddingsG1-Text", "Titan Embeddings G1"]),
    ("amazon.titan-embed-text-v2:0", &["TitanEmbeddingV2-Text", "Titan Text Embeddings V2"]),
    ("amazon.titan-image-generator-v2:0", &["TitanImageGeneratorV2", "Titan Image Generator G1 v2"]),
    ("amazon.titan-text-express-v1", &["TitanTextG1-Express"]),
    ("amazon.titan-text-lite-v1", &["TitanTextG1-Lite"]),
    ("amazon.titan-text-premier-v1:0", &[]),
    ("anthropic.claude-3-5-haiku-20241022-v1:0", &["Claude 3.5 Haiku"]),
    ("anthropic.claude-3-5-sonnet-20240620-v1:0", &["Claude 3.5 Sonnet"]),
    ("anthropic.claude-3-5-sonnet-20241022-v2:0", &["Claude 3.5 Sonnet v2"]),
    ("anthropic.claude-3-7-sonnet-20250219-v1:0", &["Claude 3.7 Sonnet"]),
    ("anthropic.claude-3-haiku-20240307-v1:0", &["Claude 3 Haiku"]),
    ("anthropic.claude-3-opus-20240229-v1:0", &["Claude 3 Opus"]),
    ("anthropic.claude-3-sonnet-20240229-v1:0", &["Claude 3 Sonnet"]),
    ("anthropic.claude-fable-5", &["Claude5Fable"]),
    ("anthropic.claude-fable-5-1", &["Claude5.1Fable"]),
    ("anthropic.claude-fable-5-2", &["Claude5.2Fable"]),
    ("anthropic.claude-haiku-4-5-20251001-v1:0", &["Claude Haiku 4.5", "Claude4.5Haiku"]),
    ("anthropic.claude-haiku-5-5", &["Claude5.5Haiku"]),
    ("anthropic.claude-instant-v1", &[]),
    ("anthropic.claude-mythos-5", &["Claude5Mythos"]),
    ("anthropic.claude-mythos-5-1", &["Claude5.1Mythos"]),
    ("anthropic.claude-mythos-5-2", &["Claude5.2Mythos"]),
    ("anthropic.claude-mythos-preview", &[]),
    ("anthropic.claude-opus-4-1-20250805-v1:0", &["Claude Opus 4.1", "Claude4.1Opus"]),
    ("anthropic.claude-opus-4-20250514-v1:0", &["Claude Opus 4", "Claude4Opus"]),
    ("anthropic.claude-opus-4-5-20251101-v1:0", &["Claude Opus 4.5", "Claude4.5Opus"]),
    ("anthropic.claude-opus-4-6-v1", &["Claude4.6Opus"]),
    ("anthropic.claude-opus-4-7", &["Claude4.7Opus"]),
    ("anthropic.claude-opus-4-8", &["Claude4.8Opus"]),
    ("anthropic.claude-opus-5", &["Claude5Opus"]),
    ("anthropic.claude-opus-5-5", &["Claude5.5Opus"]),
    ("anthropic.claude-sonnet-4-20250514-v1:0", &["Claude Sonnet 4", "Claude4Sonnet"]),
    ("anthropic.claude-sonnet-4-5-20250929-v1:0", &["Claude Sonnet 4.5", "Claude4.5Sonnet"]),
    ("anthropic.claude-sonnet-4-6", &["Claude4.6Sonnet"]),
    ("anthropic.claude-sonnet-5", &["Claude5Sonnet"]),
    ("anthropic.claude-sonnet-5-5", &["Claude5.5Sonnet"]),
    ("anthropic.claude-v1", &[]),
    ("anthropic.claude-v2", &["Claude 2.0"]),
    ("anthropic.claude-v2:1", &["Claude 2.1"]),
    ("cohere.command-light-text-v14", &["Cohere Generate Model - Command-Light"]),
    ("cohere.command-r-plus-v1:0", &["Cohere Command R+", "Command R+"]),
    ("cohere.command-r-v1:0", &[]),
    ("cohere.command-text-v14", &["Cohere Generate Model - Command"]),
    ("cohere.embed-english-v3", &["Cohere Embed 3 Model - English"]),
    ("cohere.embed-multilingual-v3", &["Cohere Embed Model 3 - Multilingual"]),
    ("cohere.embed-v4:0", &["Cohere Embed 4 Model", "Cohere Embed 4", "Embed 4"]),
    ("cohere.rerank-v3-5:0", &["Cohere Rerank 3.5", "Cohere Rerank v3.5"]),
    ("deepseek.r1-v1:0", &[]),
    ("deepseek.v3-v1:0", &["DeepSeek V3.1"]),
    ("deepseek.v3.2", &[]),
    ("google.gemma-3-12b-it", &["Gemma 3 12B"]),
    ("google.gemma-3-27b-it", &["Gemma 3 27B"]),
    ("google.gemma-3-4b-it", &["Gemma 3 4B"]),
    ("google.gemma-4-26b-a4b", &[]),
    ("google.gemma-4-31b", &[]),
    ("google.gemma-4-e2b", &[]),
    ("luma.ray-v2:0", &["Luma Ray2", "Ray v2"]),
    ("meta.llama2-13b-chat-v1", &["Meta Llama 2 Chat 13B", "Llama2-13B"]),
    ("meta.llama2-70b-chat-v1", &["Meta Llama 2 Chat 70B", "Llama2-70B"]),
    ("meta.llama3-1-405b-instruct-v1:0", &[]),
    ("meta.llama3-1-70b-instruct-v1:0", &[]),
    ("meta.llama3-1-8b-instruct-v1:0", &[]),
    ("meta.llama3-2-11b-instruct-v1:0", &[]),
    ("meta.llama3-2-1b-instruct-v1:0", &[]),
    ("meta.llama3-2-3b-instruct-v1:0", &[]),
    ("meta.llama3-2-90b-instruct-v1:0", &[]),
    ("meta.llama3-3-70b-instruct-v1:0", &[]),
    ("meta.llama3-70b-instruct-v1:0", &[]),
    ("meta.llama3-8b-instruct-v1:0", &[]),
    ("meta.llama4-maverick-17b-instruct-v1:0", &[]),
    ("meta.llama4-scout-17b-instruct-v1:0", &[]),
    ("minimax.minimax-m2", &[]),
    ("minimax.minimax-m2.1", &[]),
    ("minimax.minimax-m2.5", &[]),
    ("mistral.devstral-2-123b", &["Devstral"]),
    ("mistral.magistral-small-2509", &["Magistral Small 1.2"]),
    ("mistral.ministral-3-14b-instruct", &["Ministral 14B 3.0"]),
    ("mistral.ministral-3-3b-instruct", &["Ministral 3B 3.0"]),
    ("mistral.ministral-3-8b-instruct", &["Ministral 8B 3.0"]),
    ("mistral.mistral-7b-instruct-v0:2", &[]),
    ("mistral.mistral-large-2402-v1:0", &["Mistral Large"]),
    ("mistral.mistral-large-2407-v1:0", &[]),
    ("mistral.mistral-large-3-675b-instruct", &["Mistral Large 3"]),
    ("mistral.mistral-small-2402-v1:0", &["Mistral Small"]),
    ("mistral.mixtral-8x7b-instruct-v0:1", &[]),
    ("mistral.pixtral-large-2502-v1:0", &["Pixtral Large"]),
    ("mistral.voxtral-mini-3b-2507", &["Voxtral Mini 1.0"]),
    ("mistral.voxtral-small-24b-2507", &["Voxtral Small 1.0"]),
    ("moonshot.kimi-k2-thinking", &["moonshotai.kimi-k2-thinking"]),
    ("moonshotai.kimi-k2.5", &[]),
    ("moonshotai.kimi-k3", &[]),
    ("moonshotai.kimi-k3.1", &[]),
    ("nvidia.nemotron-nano-12b-v2", &["NVIDIA Nemotron Nano 2 VL"]),
    ("nvidia.nemotron-nano-3-30b", &[]),
    ("nvidia.nemotron-nano-9b-v2", &["NVIDIA Nemotron Nano 2"]),
    ("nvidia.nemotron-super-3-120b", &["NVIDIA Nemotron 3 Super 120B A12B"]),
    ("openai.gpt-5.4", &[]),
    ("openai.gpt-5.5", &[]),
    ("openai.gpt-5.6-cyber", &[]),
    ("openai.gpt-5.6-luna", &[]),
    ("openai.gpt-5.6-sol", &[]),
    ("openai.gpt-5.6-terra", &[]),
    ("openai.gpt-6-astra", &[]),
    ("openai.gpt-6-luna", &[]),
    ("openai.gpt-6-sol", &[]),
    ("openai.gpt-6.1-sol", &[]),
    ("openai.gpt-6.1-terra", &[]),
    ("openai.gpt-daybreak-blue-5.6-sol", &[]),
    ("openai.gpt-oss-120b-1:0", &[]),
    ("openai.gpt-oss-20b-1:0", &[]),
    ("openai.gpt-oss-safeguard-120b", &[]),
    ("openai.gpt-oss-safeguard-20b", &[]),
    ("qwen.qwen3-235b-a22b-2507-v1:0", &[]),
    ("qwen.qwen3-32b-v1:0", &[]),
    ("qwen.qwen3-coder-30b-a3b-v1:0", &[]),
    ("qwen.qwen3-coder-480b-a35b-v1:0", &[]),
    ("qwen.qwen3-coder-next", &[]),
    ("qwen.qwen3-next-80b-a3b", &[]),
    ("qwen.qwen3-vl-235b-a22b", &[]),
    ("stability.sd3-5-large-v1:0", &["Stable Diffusion 3.5 Large"]),
    ("stability.sd3-large-v1:0", &[]),
    ("stability.stable-conservative-upscale-v1:0", &[]),
    ("stability.stable-creative-upscale-v1:0", &[]),
    ("stability.stable-fast-upscale-v1:0", &[]),
    ("stability.stable-image-control-sketch-v1:0", &[]),
    ("stability.stable-image-control-structure-v1:0", &[]),
    ("stability.stable-image-core-v1:1", &[]),
    ("stability.stable-image-erase-object-v1:0", &[]),
    ("stability.stable-image-inpaint-v1:0", &[]),
    ("stability.stable-image-remove-background-v1:0", &[]),
    ("stability.stable-image-search-recolor-v1:0", &[]),
    ("stability.stable-image-search-replace-v1:0", &[]),
    ("stability.stable-image-style-guide-v1:0", &[]),
    ("stability.stable-image-ultra-v1:1", &[]),
    ("stability.stable-outpaint-v1:0", &[]),
    ("stability.stable-style-transfer-v1:0", &[]),
    ("twelvelabs.marengo-embed-2-7-v1:0", &[]),
    ("twelvelabs.marengo-embed-3-0-v1:0", &[]),
    ("twelvelabs.pegasus-1-2-v1:0", &[]),
    ("twelvelabs.pegasus-1-5-v1:0", &[]),
    ("writer.palmyra-vision-7b", &[]),
    ("writer.palmyra-x4-v1:0", &[]),
    ("writer.palmyra-x5-v1:0", &[]),
    ("xai.grok-4.3", &[]),
    ("xai.grok-4.6", &[]),
    ("xai.grok-4.7", &[]),
    ("zai.glm-4.7", &[]),
    ("zai.glm-4.7-flash", &[]),
    ("zai.glm-5", &[]),
    ("zai.glm-5.3", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price_book::{Model, PriceBook};

    fn check(name: &str, id: Option<&str>) {
        assert_eq!(model_id_of(name), id, "{name}");
    }

    #[test]
    fn names_of_bills_stand_for_model_ids() {
        check(
            "Claude3Haiku",
            Some("anthropic.claude-3-haiku-20240307-v1:0"),
        );
        check(
            "Claude3-5Haiku",
            Some("anthropic.claude-3-5-haiku-20241022-v1:0"),
        );
        check(
            "Claude 3.5 Sonnet",
            Some("anthropic.claude-3-5-sonnet-20240620-v1:0"),
        );
        check(
            "Claude 3.5 Sonnet v2",
            Some("anthropic.claude-3-5-sonnet-20241022-v2:0"),
        );
        check("Claude4.6Opus", Some("anthropic.claude-opus-4-6-v1"));
        check("Claude 4.6 Sonnet", Some("anthropic.claude-sonnet-4-6"));
        check(
            "Claude Haiku 4.5",
            Some("anthropic.claude-haiku-4-5-20251001-v1:0"),
        );
        check("Claude Opus 5.5", Some("anthropic.claude-opus-5-5"));
        check("Claude Sonnet 5", Some("anthropic.claude-sonnet-5"));
        check("ClaudeInstant", Some("anthropic.claude-instant-v1"));
        check("Claude2.1", Some("anthropic.claude-v2:1"));
        check("NovaMicro", Some("amazon.nova-micro-v1:0"));
        check("Nova2.0Lite", Some("amazon.nova-2-lite-v1:0"));
        check("NovaSonic", Some("amazon.nova-sonic-v1:0"));
        check(
            "TitanEmbeddingV2-Text",
            Some("amazon.titan-embed-text-v2:0"),
        );
        check(
            "Llama4-Maverick-17B",
            Some("meta.llama4-maverick-17b-instruct-v1:0"),
        );
        check("Llama3-1-70B", Some("meta.llama3-1-70b-instruct-v1:0"));
        check("Llama3-2-1B", Some("meta.llama3-2-1b-instruct-v1:0"));
        check(
            "Mistral-Large-3-675b-Instruct",
            Some("mistral.mistral-large-3-675b-instruct"),
        );
        check("MistralSmall", Some("mistral.mistral-small-2402-v1:0"));
        check("Gemma-3-4B-IT", Some("google.gemma-3-4b-it"));
        check(
            "GPT-OSS-Safeguard-20B",
            Some("openai.gpt-oss-safeguard-20b"),
        );
        check("gpt-oss-20b", Some("openai.gpt-oss-20b-1:0"));
        check("openai.gpt-5.5", Some("openai.gpt-5.5"));
        check("OpenAI GPT-5.6 Sol", Some("openai.gpt-5.6-sol"));
        check("qwen.qwen3-32b", Some("qwen.qwen3-32b-v1:0"));
        check("zai.glm5", Some("zai.glm-5"));
        check("deepseek.v3.2", Some("deepseek.v3.2"));
        check("DeepSeek R1", Some("deepseek.r1-v1:0"));
        check("AmazonRerank-v1", Some("amazon.rerank-v1:0"));
        check("Cohere Command R+", Some("cohere.command-r-plus-v1:0"));
        check("Cohere Command R", Some("cohere.command-r-v1:0"));
        check(
            "anthropic.claude-3-haiku-20240307-v1:0",
            Some("anthropic.claude-3-haiku-20240307-v1:0"),
        );
    }

    #[test]
    fn a_name_that_is_unknown_or_fits_two_models_stands_for_none() {
        check("titan-embed-text", None);
        // Marketplace bills Claude 1, 2.0 and 2.1 under this one name.
        check("Claude", None);
        check("Claude 9 Limerick", None);
        check("cohere.rerank-english-v3", None);
        check("", None);
        check("é", None);
        check(&"x".repeat(1_000_000), None);
    }

    #[test]
    fn every_known_name_stands_for_its_own_model() {
        for (id, names) in MODELS {
            check(id, Some(id));
            for name in *names {
                check(name, Some(id));
            }
        }
    }

    #[test]
    fn every_listed_model_is_known_by_its_id_and_no_other() {
        let listed: Vec<&str> = PriceBook::embedded()
            .models()
            .iter()
            .map(Model::id)
            .collect();
        let unknown: Vec<&str> = listed
            .iter()
            .copied()
            .filter(|id| model_id_of(id) != Some(id))
            .collect();
        assert_eq!(unknown, Vec::<&str>::new());
        let unlisted: Vec<&str> = MODELS
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| !listed.contains(id))
            .collect();
        assert_eq!(unlisted, Vec::<&str>::new());
    }
}
