using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Looks for the likeliest sequences of a model that writes token after token: keeps the best few beginnings of each source, and goes on with
/// all of them at once.</summary>
/// <remarks><para>Of all tokens that may follow a source's hypotheses, the best <see cref="Width"/> are looked at: those that end a sequence are noted.
/// The best Width that do not end one go on. A source is done once Width sequences were noted and no hypothesis can overtake the last of them. Width 1
/// without a length penalty is greedy: each token is the likeliest. A width of as many as there are sequences finds the very best.</para>
/// <para>Between equal scores the better hypothesis, then the lower token comes first, and scores are added up in double precision on the host, so a search
/// gives the same on every run.</para>
/// <para>Sources: Sutskever, Vinyals and Le 2014, arXiv:1409.3215; the length penalty, Murray and Chiang 2018, arXiv:1808.10006, eq. 3.</para></remarks>
public sealed class BeamSearch
{
    /// <summary>A search.</summary>
    /// <param name="endToken">The token that ends a sequence; null where none does, and all are cut.</param>
    /// <param name="maxLength">Tokens of a sequence at most; one that has not ended by then is cut.</param>
    /// <param name="width">Hypotheses of each source.</param>
    /// <param name="lengthPenalty">How far long sequences are favoured: scores are log-probabilities over n to this power; 0 ranks by probability, 1 by the mean
    /// a token.</param>
    /// <exception cref="ArgumentOutOfRangeException">The end token or the penalty is negative, the penalty not finite, or the length or width under 1.</exception>
    public BeamSearch(int? endToken, int maxLength, int width = 1, double lengthPenalty = 0)
    {
        if (endToken < 0) throw new ArgumentOutOfRangeException(nameof(endToken), endToken, "It is 0 or more.");
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (!(lengthPenalty >= 0 && double.IsFinite(lengthPenalty))) throw new ArgumentOutOfRangeException(nameof(lengthPenalty), lengthPenalty, "It is 0 or more, and finite.");
        (EndToken, MaxLength, Width, LengthPenalty) = (endToken, maxLength, width, lengthPenalty);
    }

    /// <summary>The token that ends a sequence; null where none does.</summary>
    public int? EndToken { get; }

    /// <summary>Tokens of a sequence at most, the end token counted.</summary>
    public int MaxLength { get; }

    /// <summary>Hypotheses of each source.</summary>
    public int Width { get; }

    /// <summary>The power of the length that log-probabilities are divided by.</summary>
    public double LengthPenalty { get; }

    /// <summary>Searches for a batch of sources.</summary>
    /// <param name="startTokens">What each source's sequences begin with: B of them.</param>
    /// <param name="state">The model's state before the first step, tensors (B, …) on one device; none for a model that looks at the last token alone,
    /// which runs on the processor then.</param>
    /// <param name="step">The model.</param>
    /// <param name="cancel">Ends the search, in the middle of a step too.</param>
    /// <returns>For each source its sequences, at most <see cref="Width"/>, the best first.</returns>
    /// <exception cref="ShapeException">A tensor of the state, or what the step gave, has not one row for each hypothesis, or the end token lies outside the
    /// V tokens.</exception>
    /// <exception cref="NotFiniteNumberException">A log-probability is NaN.</exception>
    /// <exception cref="ArgumentException">A log-probability is over 0.</exception>
    /// <exception cref="InvalidOperationException">No token may follow any hypothesis of a source, and none has ended.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Search(IReadOnlyList<int> startTokens, IReadOnlyList<Tensor> state, DecoderStep step, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(startTokens);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(step);
        var device = state.Count > 0 ? state[0].Device : Device.Cpu;
        var beams = new Beam[startTokens.Count];
        for (int i = 0; i < beams.Length; i++) beams[i] = new Beam(this, i, startTokens[i]);
        RequireRows(state, beams.Length, "the first state");

        using var cancellation = Cancellation.Begin(cancel);
        using var noGrad = NoGrad.Begin();
        using var all = device.Scope(nameof(BeamSearch));
        for (int length = 1; length <= MaxLength; length++)
        {
            Cancellation.ThrowIfRequested();
            var live = beams.SelectMany(beam => beam.Live).ToList();
            if (live.Count == 0) break;
            using var scope = device.Scope("a step of the beam search");
            var (logs, next) = step(Ints(live.Select(l => l.Token)), Ints(live.Select(l => l.Source)), state);
            if (logs.Rank != 2 || logs.Shape[0] != live.Count || logs.Shape[1] <= (EndToken ?? 0))
                throw new ShapeException($"The log-probabilities {logs.Shape} must be ({live.Count}, V), a row for each hypothesis, with V over {(EndToken is null ? "0" : $"the end token {EndToken}")}.");
            RequireRows(next, live.Count, $"the state after step {length}");
            var parents = Advance(beams, logs.ToArray(), logs.Shape[1], length);
            // Where every hypothesis goes on once, in order, its state stays where it is.
            var before = state;
            state = parents.SequenceEqual(Enumerable.Range(0, live.Count)) ? next : Select(next, Ints(parents));
            foreach (var tensor in state) scope.Keep(tensor);
            foreach (var tensor in before)
                if (!state.Any(kept => kept.Storage == tensor.Storage)) all.End(tensor);
        }
        return [.. beams.Select(beam => beam.Result())];

        Tensor Ints(IEnumerable<int> numbers)
        {
            int[] array = [.. numbers];
            return Tensor.From(array, [array.Length], device);
        }
    }

    private static List<int> Advance(Beam[] beams, ReadOnlySpan<float> logs, int tokens, int length)
    {
        var parents = new List<int>();
        int row = 0;
        foreach (var beam in beams)
        {
            int rows = beam.Live.Count;
            if (rows > 0) beam.Advance(logs.Slice(row * tokens, rows * tokens), tokens, length, row, parents);
            row += rows;
        }
        return parents;
    }

    private static Tensor[] Select(IReadOnlyList<Tensor> state, Tensor rows) => [.. state.Select(tensor => tensor.GatherRows(rows))];

    private static void RequireRows(IReadOnlyList<Tensor> state, int rows, string what)
    {
        for (int i = 0; i < state.Count; i++)
            if (state[i].Rank == 0 || state[i].Shape[0] != rows)
                throw new ShapeException($"Tensor {i} of {what}, {state[i].Shape}, must be ({rows}, …), a row for each hypothesis.");
    }
}
