namespace Engine.Layers;

/// <summary>Makes tokens less likely that stand in the text already.</summary>
internal static class RepetitionPenalty
{
    /// <summary>logit ← logit / penalty where positive, logit · penalty where negative.</summary>
    /// <param name="logits">Of all tokens.</param>
    /// <param name="there">The tokens that stand there, each once.</param>
    /// <param name="penalty">1 changes nothing.</param>
    public static void Apply(Span<float> logits, IEnumerable<int> there, double penalty)
    {
        foreach (int token in there)
            if (token < logits.Length) logits[token] = (float)(logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty);
    }
}
