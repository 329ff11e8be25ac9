using Engine.Core;

namespace Engine.Layers;

/// <summary>One step of a model that writes one token after another, for R hypotheses side by side.</summary>
/// <param name="tokens">Int32, (R): the last token of each.</param>
/// <param name="sources">Int32, (R): the source that each belongs to, for what is a source's own and does not change, as
/// <see cref="AttentionMemory.Select"/> takes it.</param>
/// <param name="state">What the step before gave, each hypothesis its row: tensors (R, …). It is gone after this step, but for what the next state keeps of it;
/// Clone what is wanted for longer.</param>
/// <returns>Log-probabilities of the next token, (R, V), −∞ for one that must not come; and the next state, tensors (R, …).</returns>
public delegate (Tensor LogProbabilities, IReadOnlyList<Tensor> State) DecoderStep(Tensor tokens, Tensor sources, IReadOnlyList<Tensor> state);
