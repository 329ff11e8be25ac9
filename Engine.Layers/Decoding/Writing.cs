using System.Runtime.InteropServices;
using Engine.Core;

namespace Engine.Layers;

/// <summary>One text that a model writes, token after token, each drawn.</summary>
/// <param name="model">The model.</param>
/// <param name="prompt">What it goes on from.</param>
/// <param name="options">How.</param>
/// <param name="tokens">How many of the model's tokens may come, the first ones.</param>
internal sealed class Writing(ILanguageModel model, IReadOnlyList<int> prompt, GenerationOptions options, int tokens) : IDisposable
{
    private readonly TokenSampler sampler = new(options.Temperature, options.TopK, options.TopP);
    private readonly Rng rng = new(options.Seed);
    private readonly List<int> text = [.. prompt];
    private readonly HashSet<int> there = [.. prompt];
    private readonly int? end = options.EndToken ?? model.EndToken;
    private readonly int window = (int)Math.Min(model.Positions ?? int.MaxValue, Generation.Needed(prompt, options));
    private ITextMemory? memory;
    private int read, written;

    /// <summary>Writes the next token.</summary>
    /// <returns>Null at the end.</returns>
    public int? Next(CancellationToken cancel)
    {
        if (written == options.MaxTokens) return null;
        cancel.ThrowIfCancellationRequested();
        using var noGrad = NoGrad.Begin();
        if (text.Count > window) Forget();
        memory ??= model.Begin(window);
        int token;
        using (model.Device.Scope(nameof(Generation)))
        {
            int first = Math.Max(read, text.Count - window);
            var unread = CollectionsMarshal.AsSpan(text)[first..];
            float[] logits = memory.Read(Tensor.From(unread.ToArray(), [1, unread.Length], model.Device), Pass.Inference.WithCancellation(cancel)).ToArray();
            read = text.Count;
            var possible = logits.AsSpan(0, tokens);
            if (options.RepetitionPenalty != 1) RepetitionPenalty.Apply(possible, there, options.RepetitionPenalty);
            token = sampler.Draw(possible, 0, rng.NextFloat());
        }
        written = token == end ? options.MaxTokens : written + 1;
        if (token == end) return null;
        text.Add(token);
        there.Add(token);
        return token;
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        memory?.Dispose();
        (memory, read) = (null, 0);
    }
}
