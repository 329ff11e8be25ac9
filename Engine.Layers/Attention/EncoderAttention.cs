using Engine.Core;

namespace Engine.Layers;

/// <summary>Attention over an encoder's states h₁…h_S: weights = softmax over s of score(q, h_s), context = Σ weights_s·h_s, for each query q of a
/// decoder.</summary>
/// <remarks><para>A decoder calls <see cref="Remember"/> once and <see cref="Attend"/> at each step, or once for all steps where the queries do not
/// depend on what was found. <see cref="Layer.Forward"/> of one tensor asks a sequence about itself: its steps are the queries and the states.</para>
/// <para>Parameters: Bahdanau and Concat: query.weight (size, querySize), key.weight (size, stateSize), score.weight (1, size); General: key.weight
/// (querySize, stateSize); no biases, as in the papers.</para></remarks>
public sealed class EncoderAttention : Layer
{
    private readonly AttentionScore kind;
    private readonly Linear? query, key, score;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="querySize">Size of a decoder's state.</param>
    /// <param name="stateSize">Size of an encoder's state; for both directions together where it has two.</param>
    /// <param name="score">Which score.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="size">Rows of W and U of the scores with a tanh; querySize unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1, or there is no such score.</exception>
    /// <exception cref="ArgumentException">The dot of a query and a state of two sizes is asked for, or a size for a score that has no tanh.</exception>
    public EncoderAttention(int querySize, int stateSize, AttentionScore score, Rng rng, int? size = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(querySize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stateSize);
        if (!Enum.IsDefined(score)) throw new ArgumentOutOfRangeException(nameof(score), score, "There is no such score.");
        (QuerySize, StateSize, kind) = (querySize, stateSize, score);
        if (score is AttentionScore.Bahdanau or AttentionScore.Concat)
        {
            int rows = size ?? querySize;
            query = Register("query", new Linear(querySize, rows, rng, bias: false));
            key = Register("key", new Linear(stateSize, rows, rng, bias: false));
            this.score = Register("score", new Linear(rows, 1, rng, bias: false));
            return;
        }
        if (size is not null) throw new ArgumentException($"The score {score} has no size of its own. Leave it out.", nameof(size));
        if (score == AttentionScore.General) key = Register("key", new Linear(stateSize, querySize, rng, bias: false));
        else if (querySize != stateSize)
            throw new ArgumentException($"The dot of a query of {querySize} and a state of {stateSize} numbers is not defined. Take the score {AttentionScore.General}.", nameof(score));
    }

    /// <summary>Size of a query.</summary>
    public int QuerySize { get; }

    /// <summary>Size of a state, and of what is found.</summary>
    public int StateSize { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{QuerySize} over {StateSize}, {kind}{(score is null || score.InFeatures == QuerySize ? "" : $", size={score.InFeatures}")}";

    /// <summary>Makes an encoder's states ready to be asked.</summary>
    /// <param name="states">(B, S, stateSize).</param>
    /// <param name="lengths">How many of the S states each source has, 1 or more; null for all.</param>
    /// <param name="pass">What the pass is for.</param>
    /// <exception cref="ShapeException">The states do not fit, or there are not B lengths.</exception>
    /// <exception cref="SequenceException">A length is not in 1..S; it names the row.</exception>
    public AttentionMemory Remember(Tensor states, int[]? lengths, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(states);
        return Within(pass, () =>
        {
            if (states.Rank != 3 || states.Shape[2] != StateSize || states.Shape[1] == 0)
                throw new ShapeException($"the states {states.Shape} must be (B, S, {StateSize}), with one step at least.");
            return new AttentionMemory(states, key?.Forward(states, pass) ?? states, Mask(states, lengths));
        }, memory => memory.Keys);
    }

    /// <summary>Looks up what queries ask for.</summary>
    /// <param name="queries">(B, querySize), one step of a decoder, or (B, T, querySize), T of them.</param>
    /// <param name="memory">What <see cref="Remember"/> made of the sources, B of them.</param>
    /// <param name="pass">What the pass is for.</param>
    /// <exception cref="ShapeException">The queries do not fit the memory.</exception>
    public Attended Attend(Tensor queries, AttentionMemory memory, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(memory);
        return Within(pass, () =>
        {
            if (queries.Rank is not (2 or 3) || queries.Shape[-1] != QuerySize || queries.Shape[0] != memory.States.Shape[0])
                throw new ShapeException($"the queries {queries.Shape} must be ({memory.States.Shape[0]}, {QuerySize}) or ({memory.States.Shape[0]}, T, {QuerySize}), to go with the states {memory.States.Shape}.");
            bool one = queries.Rank == 2;
            var scores = Scores(one ? queries.Unsqueeze(1) : queries, memory.Keys, pass);
            var weights = (memory.Mask is { } mask ? scores.MaskedFill(mask, double.NegativeInfinity) : scores).Softmax();
            var context = weights.MatMul(memory.States);
            return one ? new Attended(context.Squeeze(1), weights.Squeeze(1)) : new Attended(context, weights);
        }, found => found.Context);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Attend(x, Remember(x, pass.Lengths, pass), pass).Context;

    /// <summary>(B, T, S) of queries (B, T, querySize) and keys (B, S, …).</summary>
    private Tensor Scores(Tensor queries, Tensor keys, Pass pass)
    {
        if (score is null) return queries.MatMul(keys, transposeOther: true);
        var sums = query!.Forward(queries, pass).Unsqueeze(2) + keys.Unsqueeze(1);        // (B, T, S, size)
        return score.Forward(sums.Tanh(), pass).Squeeze(3);
    }

    private static Tensor? Mask(Tensor states, int[]? lengths)
    {
        if (lengths is null) return null;
        PackedSequence.Require(states, lengths);
        int count = states.Shape[0], steps = states.Shape[1];
        if (Array.TrueForAll(lengths, length => length == steps)) return null;
        var past = new byte[count * steps];
        for (int i = 0; i < count; i++) past.AsSpan(i * steps + lengths[i], steps - lengths[i]).Fill(1);
        return Tensor.From(past, [count, 1, steps], states.Device);
    }
}
