namespace Engine.Layers;

/// <summary>A sequence of tokens that a <see cref="BeamSearch"/> found.</summary>
/// <param name="Tokens">The tokens, without the one it began with and the one that ended it.</param>
/// <param name="LogProbability">The sum of the tokens' log-probabilities, the end token's too.</param>
/// <param name="Score">What it was ranked by: LogProbability / n^lengthPenalty for n tokens, the end token counted.</param>
/// <param name="Ended">Whether the end token came; false where it was cut at the greatest length.</param>
public sealed record Hypothesis(IReadOnlyList<int> Tokens, double LogProbability, double Score, bool Ended);
