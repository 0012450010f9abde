"""From an encoder's folder to a sentence-transformers model: transformer, mean pooling, unit length."""

from pathlib import Path

from sentence_transformers import MultiVectorEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

from mecelle.base.errors import ArtifactError, ConfigError, MismatchError
from mecelle.embedding.config import EmbeddingConfig
from mecelle.models.folders import find_folder, is_sentence_transformer
from mecelle.models.loading import positions_of
from mecelle.models.prompts import prompts_of


def open_encoder(encoder: Path | str, config: EmbeddingConfig) -> SentenceTransformer:
    """The model to train, on the CPU, in float32.

    encoder: a Hugging Face folder with its tokenizer, a hub id, or a sentence-transformers model, whose own modules
    are kept, and its prompts where `config` names none. Raises ArtifactError if it does not load, MismatchError if
    model and tokenizer do not belong together, ConfigError for a static model, and if max_length or dims are beyond
    the model.
    """
    folder = find_folder(encoder)
    prompts = prompts_of(folder, query=config.query_prompt, document=config.document_prompt)
    try:
        if is_sentence_transformer(folder):
            model = SentenceTransformer(str(folder), device="cpu", prompts=prompts)
        else:
            transformer = Transformer(str(folder))
            pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
            model = SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu", prompts=prompts)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ArtifactError(
            f"{folder}: does not load as an encoder ({reason}); is its tokenizer in the folder?"
        ) from error
    check_transformer(model, folder, "trained")
    model = model.float()
    _check_tokenizer(model, folder)
    _check_sizes(model, folder, config)
    model.max_seq_length = config.max_length
    return model


def check_transformer(model: SentenceTransformer, folder: Path, done: str) -> None:
    """Raise ConfigError for a model of one vector for each token. done: what cannot be, "trained"."""
    if not hasattr(model[0], "auto_model"):
        raise ConfigError(
            f"{folder}: {type(model[0]).__name__} has no transformer, and cannot be {done}; give the model that it was "
            "made of"
        )


def save_model(model: SentenceTransformer | MultiVectorEncoder, folder: Path) -> None:
    """Write a sentence-transformers folder, without a card. Equal models give equal bytes.

    Fast tokenizers remember how the last call cut and padded, and would write that into tokenizer.json.
    """
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    model.save_pretrained(str(folder), create_model_card=False)


def _check_tokenizer(model: SentenceTransformer, folder: Path) -> None:
    tokenizer, settings = model.tokenizer, model[0].auto_model.config
    if len(tokenizer) > settings.vocab_size:
        raise MismatchError(
            f"{folder}: the tokenizer has {len(tokenizer):,} tokens, the model {settings.vocab_size:,} rows; they do "
            "not belong together: put the tokenizer that the model was trained with into its folder"
        )
    if tokenizer.pad_token_id is None:
        raise MismatchError(
            f"{folder}: the tokenizer has no padding token, which batches need; add one, and train with it"
        )
    for name in ("pad_token_id", "cls_token_id", "sep_token_id"):
        ours, theirs = getattr(tokenizer, name, None), getattr(settings, name, None)
        if ours is not None and theirs is not None and ours != theirs:
            raise MismatchError(
                f"{folder}: {name} is {ours} in the tokenizer and {theirs} in the model; they do not belong together: "
                "put the tokenizer that the model was trained with into its folder"
            )


def _check_sizes(model: SentenceTransformer, folder: Path, config: EmbeddingConfig) -> None:
    positions = positions_of(model[0].auto_model)
    if positions is not None and config.max_length > positions:
        raise ConfigError(
            f"max_length {config.max_length} tokens: {folder} was made for {positions}; choose at most {positions}"
        )
    width = model.get_embedding_dimension()
    if any(not 1 <= k <= width for k in config.dims):
        raise ConfigError(
            f"dims {list(config.dims)}: the vectors of {folder} have {width} components; choose from 1..{width}"
        )
