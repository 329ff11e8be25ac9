using System.Runtime.CompilerServices;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Lets a language model write.</summary>
/// <remarks>The model remembers what it has read, so a token costs the same at any place, but for what its attention looks back at. What a text takes of
/// the device's memory is given back when it ends, is cancelled or left.</remarks>
public static class Generation
{
    /// <summary>Goes on from a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The tokens before the first that it writes, one at least.</param>
    /// <param name="options">How it writes; draws 50 tokens unless given.</param>
    /// <param name="cancel">Ends it, in the middle of a pass too.</param>
    /// <returns>The tokens that it wrote, without the prompt and without the one that ended them.</returns>
    /// <exception cref="SequenceException">Prompt and text would have more tokens than the model has positions, and <see cref="GenerationOptions.Slide"/> is not set.</exception>
    /// <exception cref="ArgumentException">The prompt is empty; the options have stop strings, which <see cref="GenerateText"/> looks for; or two of them cannot
    /// go together.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token is none of the model's.</exception>
    /// <exception cref="NotFiniteNumberException">A logit is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static int[] Generate(this ILanguageModel model, IReadOnlyList<int> prompt, GenerationOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new GenerationOptions();
        Require(model, prompt, options);
        if (options.StopStrings.Count > 0)
            throw new ArgumentException($"Stop strings are looked for in a text, and this writes tokens. Call {nameof(GenerateText)}, or leave them out.", nameof(options));
        return Write(model, prompt, options, model.VocabularySize, cancel);
    }

    /// <summary>Goes on from a prompt, and gives the text out as it comes: a piece is what has become certain, never half a character nor a part of a stop string.
    /// Beams give all of it at once in the end.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Made for it.</param>
    /// <param name="prompt">The text before; an empty one stands for the token that ends a text, if the model has one.</param>
    /// <param name="options">How it writes; draws 50 tokens unless given.</param>
    /// <param name="cancel">Ends it, in the middle of a pass too.</param>
    /// <returns>The text without the prompt, in pieces. It is computed on the thread pool, one token ahead of none: only what is asked for.</returns>
    /// <exception cref="SequenceException">Prompt and text would have more tokens than the model has positions, and <see cref="GenerationOptions.Slide"/> is not set.</exception>
    /// <exception cref="ArgumentException">The tokenizer has more tokens than the model, or lacks the one that an empty prompt stands for; the prompt has none, or two options cannot go together.</exception>
    /// <exception cref="NotFiniteNumberException">A logit is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IAsyncEnumerable<string> GenerateText(this ILanguageModel model, ITokenizer tokenizer, string prompt, GenerationOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new GenerationOptions();
        if (tokenizer.Count > model.VocabularySize)
            throw new ArgumentException($"The tokenizer has {tokenizer.Count:N0} tokens, and the model {model.VocabularySize:N0}. Take the tokenizer that the model was trained with.", nameof(tokenizer));
        int[] tokens = tokenizer.Encode(prompt);
        if (tokens.Length == 0 && model.EndToken is { } end)
            tokens = end < tokenizer.Count ? [end]
                : throw new ArgumentException($"An empty prompt stands for the token that ends a text, which is {end:N0} for the model, and the tokenizer has {tokenizer.Count:N0}. Give a prompt, or take the tokenizer that the model was trained with.", nameof(prompt));
        Require(model, tokens, options);
        return Pieces(model, tokenizer, tokens, options, cancel);
    }

    private static async IAsyncEnumerable<string> Pieces(ILanguageModel model, ITokenizer tokenizer, int[] prompt, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        var text = new TokenText(tokenizer, prompt);
        var stops = new StopStrings(options.StopStrings);
        if (options.Beams > 1)
        {
            int[] tokens = await Task.Run(() => Write(model, prompt, options, tokenizer.Count, cancel), cancel).ConfigureAwait(false);
            string all = stops.Add(string.Concat(tokens.Select(text.Add)) + text.Rest()) + stops.Rest();
            if (all.Length > 0) yield return all;
            yield break;
        }
        using var writing = new Writing(model, prompt, options, tokenizer.Count);
        while (!stops.Found && await Task.Run(() => writing.Next(cancel), cancel).ConfigureAwait(false) is { } token)
            if (stops.Add(text.Add(token)) is { Length: > 0 } piece) yield return piece;
        if (stops.Found) yield break;
        if (stops.Add(text.Rest()) + stops.Rest() is { Length: > 0 } rest) yield return rest;
    }

    private static int[] Write(ILanguageModel model, IReadOnlyList<int> prompt, GenerationOptions options, int tokens, CancellationToken cancel)
    {
        if (options.Beams > 1) return Likeliest(model, prompt, options, tokens, cancel);
        using var writing = new Writing(model, prompt, options, tokens);
        var written = new List<int>();
        while (writing.Next(cancel) is { } token) written.Add(token);
        return [.. written];
    }

    /// <summary>The best that a beam search finds. The search's state is the row that each hypothesis comes from; what was read stays in the model's memory.</summary>
    private static int[] Likeliest(ILanguageModel model, IReadOnlyList<int> prompt, GenerationOptions options, int tokens, CancellationToken cancel)
    {
        var device = model.Device;
        var pass = Pass.Inference.WithCancellation(cancel);
        using var scope = device.Scope(nameof(Generation));
        using var memory = model.Begin((int)Math.Min(int.MaxValue, Needed(prompt, options)));
        int[][] texts = [[.. prompt]];
        bool first = true;
        var search = new BeamSearch(options.EndToken ?? model.EndToken, options.MaxTokens, options.Beams, options.LengthPenalty);
        var found = search.Search([prompt[^1]], [Tensor.Zeros([1], device, DType.Int32)], (last, _, state) =>
        {
            if (!first)
            {
                int[] rows = state[0].ToArray<int>(), added = last.ToArray<int>();
                if (!rows.SequenceEqual(Enumerable.Range(0, texts.Length))) memory.Select(rows);
                texts = [.. rows.Zip(added, (row, token) => (int[])[.. texts[row], token])];
            }
            var logits = memory.Read(first ? Tensor.From(texts[0], [1, prompt.Count], device) : last.Unsqueeze(1), pass);
            first = false;
            var logs = logits.Narrow(1, 0, tokens).LogSoftmax();
            if (options.RepetitionPenalty != 1) logs = Penalised(logs, texts, options.RepetitionPenalty);
            return (logs, [Tensor.From([.. Enumerable.Range(0, texts.Length)], [texts.Length], device)]);
        }, cancel);
        return [.. found[0][0].Tokens];
    }

    private static Tensor Penalised(Tensor logs, int[][] texts, double penalty)
    {
        float[] all = logs.ToArray();
        int tokens = logs.Shape[1];
        for (int row = 0; row < texts.Length; row++) RepetitionPenalty.Apply(all.AsSpan(row * tokens, tokens), texts[row].Distinct(), penalty);
        return Tensor.From(all, logs.Shape, logs.Device);
    }

    /// <summary>The positions that a text takes at most; its last token is never read.</summary>
    internal static long Needed(IReadOnlyList<int> prompt, GenerationOptions options) => (long)prompt.Count + options.MaxTokens - 1;

    private static void Require(ILanguageModel model, IReadOnlyList<int> prompt, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        options.Require();
        if (prompt.Count == 0) throw new ArgumentException("The prompt has no tokens, and a model goes on from one at least. Begin with the token that ends a text, or a line end.", nameof(prompt));
        for (int i = 0; i < prompt.Count; i++)
            if ((uint)prompt[i] >= (uint)model.VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(prompt), prompt[i], $"Token {i} of the prompt is none of the model's 0..{model.VocabularySize - 1}. Take the tokenizer that it was trained with.");
        if (options.EndToken is { } end && (uint)end >= (uint)model.VocabularySize)
            throw new ArgumentOutOfRangeException(nameof(GenerationOptions.EndToken), end, $"It is one of the model's tokens, 0..{model.VocabularySize - 1}.");
        long needed = Needed(prompt, options);
        if (model.Positions is { } positions && needed > positions && !options.Slide)
            throw new SequenceException($"A prompt of {prompt.Count:N0} tokens and {options.MaxTokens:N0} more take {needed:N0} positions, and the model has {positions:N0}. Shorten the prompt, lower {nameof(GenerationOptions.MaxTokens)} to {Math.Max(0, positions - prompt.Count + 1):N0}, or set {nameof(GenerationOptions.Slide)} to let go of the first tokens.", 0);
    }
}
